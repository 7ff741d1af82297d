/* The keeper's protocol (PROTOCOL.md): frames in and out, the table of verbs, answers and events. */
#include "keeper.h"

/* Keys of a verb: `key` must stand once, `?key` may, `*key` may stand often; `#` behind it: a decimal number. */
static const struct verb {
	const char *name, *keys;
	enum { NOBODY, SOCKET, VPS } about;
	const char *(*run)(const struct message *message, struct held *held, struct vps *vps);
} verbs[] = {
	{"hello", "seq# protocol#", NOBODY, run_hello},
	{"open", "seq# name id# at address port# to", NOBODY, run_open},
	{"close", "seq# name", SOCKET, run_close},
	{"watch", "seq# name", SOCKET, run_watch},
	{"used", "seq# name", SOCKET, run_used},
	{"mend", "seq# name", SOCKET, run_mend},
	{"start", "seq# id# instance# cwd *arg *env ?uid# ?gid# *socket activation ?log ?log-size# ?log-files# *veil *reveal ?ipc "
	          "?output", NOBODY, run_start},
	{"signal", "seq# id# instance# signal#", VPS, run_signal},
	{"kill", "seq# id# instance#", VPS, run_kill},
	{"tell", "seq# id# instance#", VPS, run_tell},
	{"owner", "seq# pid#", NOBODY, run_owner},
	{"end", "seq# status#", NOBODY, run_end},
};

struct buffer {
	char *data;
	size_t length, size;
};
static struct buffer input, output, answer;
static size_t written; /* of output */
static struct source channel = {.fd = -1};
static bool channel_waits; /* for EPOLLOUT */

static char *room(struct buffer *buffer, size_t more) {
	if (buffer->length + more > buffer->size) {
		buffer->size = (buffer->length + more) * 2;
		buffer->data = realloc(buffer->data, buffer->size);
		if (!buffer->data) die(1, "memory", "there is none left");
	}
	return buffer->data + buffer->length;
}

static void append(struct buffer *buffer, const void *bytes, size_t length) {
	memcpy(room(buffer, length), bytes, length);
	buffer->length += length;
}

/* ---- what a message holds ---- */

static bool is_number(const char *text) {
	size_t length = strspn(text, "0123456789");
	return length > 0 && length < 16 && !text[length];
}

/* Looks a part's key up in `keys`: its kind, `!`, `?` or `*`, and whether it is a number; 0: no such key. */
static char kind_of(const char *keys, const char *part, bool *number) {
	size_t key = strcspn(part, "=");
	for (const char *word = keys; *word && part[key]; word += strcspn(word, " "), word += strspn(word, " ")) {
		char kind = *word == '?' || *word == '*' ? *word++ : '!';
		size_t length = strcspn(word, "# ");
		*number = word[length] == '#';
		if (length == key && !strncmp(word, part, key)) return kind;
	}
	return 0;
}

const char *check_keys(const struct message *message, const char *keys) {
	static char wrong[NAME_SIZE];
	bool number;
	for (size_t at = 1; at < message->count; at++) {
		const char *part = message->parts[at];
		char kind = kind_of(keys, part, &number);
		snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(part, "="), part);
		if (!kind || (number && !is_number(strchr(part, '=') + 1))) return wrong;
		if (kind != '*' && text_of(message, wrong) != strchr(part, '=') + 1) return wrong; /* it stands twice */
	}
	for (const char *word = keys; *word; word += strcspn(word, " "), word += strspn(word, " ")) {
		snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(word, "# "), word);
		if (*word != '?' && *word != '*' && !text_of(message, wrong)) return wrong;
	}
	return NULL;
}

char **list_of(const struct message *message, const char *key, size_t extra) {
	size_t length = strlen(key), count = 0;
	char **list = claim((message->count + extra + 1) * sizeof *list);
	for (size_t at = 1; at < message->count; at++)
		if (!strncmp(message->parts[at], key, length) && message->parts[at][length] == '=')
			list[count++] = message->parts[at] + length + 1;
	return list;
}

const char *text_of(const struct message *message, const char *key) {
	size_t length = strlen(key);
	for (size_t at = 1; at < message->count; at++)
		if (!strncmp(message->parts[at], key, length) && message->parts[at][length] == '=')
			return message->parts[at] + length + 1;
	return NULL;
}

uint64_t number_of(const struct message *message, const char *key, uint64_t absent) {
	const char *text = text_of(message, key);
	return text ? strtoull(text, NULL, 10) : absent;
}

/* ---- what is said to the launcher ---- */

static void compose(struct buffer *buffer, const char *format, va_list values) {
	for (; *format; format++) {
		char number[24];
		const char *piece = number;
		if (*format != '%') {
			append(buffer, *format == ' ' ? "" : format, 1);
			continue;
		}
		if (*++format == 's') piece = va_arg(values, const char *);
		else sprintf(number, "%lld", *format == 'd' ? va_arg(values, int) : (long long)va_arg(values, int64_t));
		append(buffer, piece, strlen(piece));
	}
	append(buffer, "", 1);
}

void reply(const char *format, ...) {
	va_list values;
	va_start(values, format);
	compose(&answer, format, values);
	va_end(values);
}

const char *refuse(int error, const char *what) {
	errno = error;
	return what;
}

static void flush(void) {
	ssize_t sent = 0;
	for (; sent >= 0 && written < output.length; written += sent > 0 ? (size_t)sent : 0)
		sent = send(channel.fd, output.data + written, output.length - written, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (written == output.length) written = output.length = 0;
	if (channel_waits != (output.length > 0)) source_change(&channel, EPOLLIN | (output.length ? EPOLLOUT : 0));
	channel_waits = output.length > 0;
}

/* The frame that begins at `start` of the output is whole. Without a launcher it is dropped: hello repeats the state. */
static void frame_end(size_t start) {
	uint32_t length = (uint32_t)(output.length - start - 4);
	memcpy(output.data + start, &length, 4);
	if (channel.fd < 0) output.length = 0;
	else if (start == 0) flush(); /* else the channel is full, and is flushed when it can take more */
}

void event(const char *verb, const char *format, ...) {
	size_t start = output.length;
	va_list values;
	va_start(values, format);
	append(&output, "\0\0\0", 4);
	append(&output, verb, strlen(verb) + 1);
	if (*format) compose(&output, format, values);
	va_end(values);
	frame_end(start);
}

bool protocol_behind(void) {
	return channel.fd < 0 || output.length - written > LARGEST_FRAME;
}

/* ---- what the launcher says ---- */

static void answer_with(const char *seq, const char *what) {
	const char *name = strerrorname_np(errno);
	if (!seq) seq = "0";
	if (what) {
		event("failed", "seq=%s error=%s what=%s", seq, name ? name : "EIO", what);
		return;
	}
	size_t start = output.length;
	append(&output, "\0\0\0\0done\0seq=", 13);
	append(&output, seq, strlen(seq) + 1);
	append(&output, answer.data, answer.length);
	frame_end(start);
}

/* NULL, or the step that failed. */
static const char *perform(const struct verb *verb, const struct message *message) {
	const char *wrong = check_keys(message, verb->keys);
	if (wrong) return refuse(EPROTO, wrong);
	struct held *held = verb->about == SOCKET ? held_of(text_of(message, "name")) : NULL;
	struct vps *vps = verb->about == VPS ? vps_of(number_of(message, "id", 0)) : NULL;
	if (vps && vps->instance != number_of(message, "instance", 0)) vps = NULL;
	if (verb->about == SOCKET && !held) return refuse(ENOENT, "name");
	if (verb->about == VPS && !vps) return refuse(ESRCH, "instance");
	return verb->run(message, held, vps);
}

/* The strings of one frame. */
static void take(char *body, size_t length) {
	if (length == 0 || body[length - 1]) {
		answer_with(NULL, refuse(EPROTO, "frame"));
		return;
	}
	struct message message = {.parts = claim((length + 1) * sizeof *message.parts)};
	for (char *part = body; part < body + length; part += strlen(part) + 1) message.parts[message.count++] = part;
	const char *what = refuse(EPROTO, "verb");
	room(&answer, 1);
	answer.length = 0;
	for (size_t at = 0; at < sizeof verbs / sizeof *verbs; at++)
		if (!strcmp(verbs[at].name, message.parts[0])) what = perform(&verbs[at], &message);
	answer_with(text_of(&message, "seq"), what);
	free(message.parts);
}

/* Whole frames are run in order; false where the stream can be followed no longer. */
static bool take_all(void) {
	size_t at = 0;
	for (uint32_t length; input.length - at >= 4; at += 4 + length) {
		memcpy(&length, input.data + at, 4);
		if (length > LARGEST_FRAME) return false;
		if (input.length - at - 4 < length) break;
		take(input.data + at + 4, length);
	}
	memmove(input.data, input.data + at, input.length - at);
	input.length -= at;
	return true;
}

static void channel_ready(struct source *source, uint32_t events) {
	if (events & EPOLLOUT) flush();
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
	ssize_t got = recv(source->fd, room(&input, 65536), 65536, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
	input.length += got > 0 ? (size_t)got : 0;
	if (got > 0 && take_all()) return;
	protocol_disconnect(); /* SIGCHLD follows, or the launcher has gone mad and must */
	if (house.launcher > 0) kill(house.launcher, SIGKILL);
}

void protocol_connect(int fd) {
	channel_waits = false;
	source_add(&channel, fd, EPOLLIN, channel_ready);
}

void protocol_disconnect(void) {
	source_close(&channel);
	input.length = output.length = written = 0;
}
