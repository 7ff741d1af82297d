/* The keeper's protocol (PROTOCOL.md): frames in and out, the table of verbs, answers and events. */
#include "keeper.h"
#include <stdarg.h>

/* Keys of a verb: `key` must stand once, `?key` may, `*key` may stand often; `#` behind it: a decimal number. */
static const struct verb {
	const char *name, *keys;
	const char *(*run)(const struct message *message); /* NULL, or the step that failed and errno */
} verbs[] = {
	{"hello", "seq# protocol#", run_hello},
	{"open", "seq# name id# at address port# to", run_open},
	{"close", "seq# name", run_close},
	{"watch", "seq# name", run_watch},
	{"used", "seq# name", run_used},
	{"mend", "seq# name", run_mend},
	{"start", "seq# id# instance# ?note cwd *arg *env ?uid# ?gid# *socket activation ?nofile# ?log ?log-size# ?log-files# "
	          "*veil *reveal", run_start},
	{"signal", "seq# id# instance# signal#", run_signal},
	{"kill", "seq# id# instance#", run_kill},
	{"tell", "seq# id# instance#", run_tell},
	{"pids", "seq# id# instance#", run_pids},
	{"owner", "seq# pid#", run_owner},
	{"edges", "seq# count# *arg *env *veil *reveal ?log", run_edges},
	{"end", "seq# status#", run_end},
};

struct buffer {
	char *data;
	size_t length, size;
};
static struct buffer input, output, frame, answer;
static size_t written; /* of output */
static struct source channel = {.fd = -1};
static void (*on_broken)(void);

static char *room(struct buffer *buffer, size_t more)
{
	if (buffer->length + more > buffer->size) {
		buffer->size = (buffer->length + more) * 2;
		buffer->data = realloc(buffer->data, buffer->size);
		if (!buffer->data) die(1, "memory", "there is none left");
	}
	return buffer->data + buffer->length;
}

static void append(struct buffer *buffer, const void *bytes, size_t length)
{
	memcpy(room(buffer, length), bytes, length);
	buffer->length += length;
}

/* ---- what a message holds ---- */

static bool is_number(const char *text)
{
	size_t length = strspn(text, "0123456789");
	return length > 0 && length < 16 && !text[length];
}

/* Looks a part's key up in `keys`. */
static bool key_in(const char *keys, const char *part, char *kind, bool *number)
{
	size_t key = strcspn(part, "=");
	for (const char *word = keys; *word && part[key]; word += strcspn(word, " "), word += strspn(word, " ")) {
		*kind = *word == '?' || *word == '*' ? *word++ : '!';
		size_t length = strcspn(word, "# ");
		*number = word[length] == '#';
		if (length == key && !strncmp(word, part, key)) return true;
	}
	return false;
}

const char *check_keys(const struct message *message, const char *keys)
{
	static char wrong[NAME_SIZE];
	char kind;
	bool number;
	for (size_t at = 1; at < message->count; at++) {
		const char *part = message->parts[at];
		snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(part, "="), part);
		if (!key_in(keys, part, &kind, &number)) return wrong;
		if (number && !is_number(strchr(part, '=') + 1)) return wrong;
		if (kind != '*' && text_of(message, wrong) != strchr(part, '=') + 1) return wrong; /* it stands twice */
	}
	for (const char *word = keys; *word; word += strcspn(word, " "), word += strspn(word, " ")) {
		if (*word == '?' || *word == '*') continue;
		snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(word, "# "), word);
		if (!text_of(message, wrong)) return wrong;
	}
	return NULL;
}

const char *text_of(const struct message *message, const char *key)
{
	size_t length = strlen(key);
	for (size_t at = 1; at < message->count; at++)
		if (!strncmp(message->parts[at], key, length) && message->parts[at][length] == '=')
			return message->parts[at] + length + 1;
	return NULL;
}

uint64_t number_of(const struct message *message, const char *key, uint64_t absent)
{
	const char *text = text_of(message, key);
	return text ? strtoull(text, NULL, 10) : absent;
}

char **list_of(const struct message *message, const char *key, size_t extra)
{
	size_t length = strlen(key), count = 0;
	char **list = claim((message->count + extra + 1) * sizeof *list);
	for (size_t at = 1; at < message->count; at++)
		if (!strncmp(message->parts[at], key, length) && message->parts[at][length] == '=')
			list[count++] = message->parts[at] + length + 1;
	return list;
}

/* ---- what is said to the launcher ---- */

static void add_field(struct buffer *buffer, const char *key, const char *format, va_list values)
{
	append(buffer, key, strlen(key));
	append(buffer, "=", 1);
	va_list again;
	va_copy(again, values);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	vsnprintf(room(buffer, (size_t)length + 1), (size_t)length + 1, format, values);
	buffer->length += (size_t)length + 1;
}

void reply(const char *key, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	add_field(&answer, key, format, values);
	va_end(values);
}

void field(const char *key, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	add_field(&frame, key, format, values);
	va_end(values);
}

const char *refuse(int error, const char *what)
{
	errno = error;
	return what;
}

void event(const char *verb)
{
	frame.length = 0;
	append(&frame, "\0\0\0\0", 4);
	append(&frame, verb, strlen(verb) + 1);
}

static void flush(void)
{
	while (written < output.length) {
		ssize_t sent = send(channel.fd, output.data + written, output.length - written, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0) break;
		written += (size_t)sent;
	}
	if (written == output.length) written = output.length = 0;
	source_change(&channel, EPOLLIN | (output.length ? EPOLLOUT : 0));
}

void event_end(void)
{
	if (channel.fd < 0) return; /* hello repeats what a launcher missed while it was away */
	uint32_t length = (uint32_t)(frame.length - 4);
	memcpy(frame.data, &length, 4);
	bool idle = output.length == 0;
	append(&output, frame.data, frame.length);
	if (idle) flush();
}

bool protocol_behind(void)
{
	return channel.fd < 0 || output.length - written > LARGEST_FRAME;
}

/* ---- what the launcher says ---- */

static void answer_with(const char *seq, const char *what)
{
	int error = errno;
	event(what ? "failed" : "done");
	field("seq", "%s", seq ? seq : "0");
	if (what) {
		const char *name = strerrorname_np(error);
		field("error", "%s", name ? name : "EIO");
		field("what", "%s", what);
	} else {
		append(&frame, answer.data, answer.length);
	}
	event_end();
}

static void run(const struct message *message)
{
	room(&answer, 1);
	answer.length = 0;
	for (size_t at = 0; at < sizeof verbs / sizeof *verbs; at++) {
		if (strcmp(verbs[at].name, message->parts[0])) continue;
		const char *what = check_keys(message, verbs[at].keys);
		if (what) errno = EPROTO;
		else what = verbs[at].run(message);
		answer_with(text_of(message, "seq"), what);
		return;
	}
	answer_with(text_of(message, "seq"), refuse(EPROTO, "verb"));
}

/* The strings of one frame; the last byte is NUL. */
static void take(char *body, size_t length)
{
	if (length == 0 || body[length - 1]) {
		answer_with(NULL, refuse(EPROTO, "frame"));
		return;
	}
	struct message message = {.parts = claim((length + 1) * sizeof *message.parts)};
	for (char *part = body; part < body + length; part += strlen(part) + 1) message.parts[message.count++] = part;
	run(&message);
	free(message.parts);
}

/* Whole frames are run in order; false where the stream can be followed no longer. */
static bool take_all(void)
{
	size_t at = 0;
	uint32_t length = 0;
	while (input.length - at >= 4) {
		memcpy(&length, input.data + at, 4);
		if (length > LARGEST_FRAME) return false;
		if (input.length - at - 4 < length) break;
		take(input.data + at + 4, length);
		at += 4 + length;
	}
	memmove(input.data, input.data + at, input.length - at);
	input.length -= at;
	return true;
}

static void channel_ready(struct source *source, uint32_t events)
{
	if (events & EPOLLOUT) flush();
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
	ssize_t got = recv(source->fd, room(&input, 65536), 65536, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (got > 0) {
		input.length += (size_t)got;
		if (take_all()) return;
	}
	protocol_disconnect();
	on_broken();
}

void protocol_connect(int fd, void (*broken)(void))
{
	on_broken = broken;
	source_add(&channel, fd, EPOLLIN, channel_ready);
}

void protocol_disconnect(void)
{
	source_close(&channel);
	input.length = output.length = written = 0;
}
