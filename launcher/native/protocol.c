/* The keeper's protocol (PROTOCOL.md): frames in and out, the table of verbs, answers and events. */
#include "keeper.h"

/* Keys of a verb: `key` must stand once, `?key` may, `*key` may stand often; `#` behind it: a decimal number. */
static const struct verb {
	const char *name, *keys;
	enum { NOBODY, SOCKET, VPS } about;
	const char *(*run)(const struct message *message, struct held *held, struct vps *vps);
} verbs[] = {
	{"hello", "seq# protocol#", NOBODY, run_hello},
	{"open", "seq# name id# at address port# ?for# to", NOBODY, run_open},
	{"close", "seq# name", SOCKET, run_close},
	{"watch", "seq# name", SOCKET, run_watch},
	{"used", "seq# name", SOCKET, run_used},
	{"mend", "seq# name", SOCKET, run_mend},
	{"dismiss", "seq# name", SOCKET, run_dismiss},
	{"shut", "seq# name", SOCKET, run_shut},
	{"admit", "seq# name", SOCKET, run_admit},
	{"start", "seq# id# instance# cwd *arg *env ?uid# ?gid# *socket *shut activation ?log ?log-size# ?log-files# *veil *reveal ?ipc "
	          "?beside# ?no-new-privs# ?memo", NOBODY, run_start},
	{"signal", "seq# id# instance# signal#", VPS, run_signal},
	{"kill", "seq# id# instance#", VPS, run_kill},
	{"run", "seq# id# instance# cwd *arg *env ?uid# ?gid# *veil *reveal ?no-new-privs# limit#", VPS, run_run},
	{"tell", "seq# id# instance#", VPS, run_tell},
	{"holds", "seq# id# instance# name", VPS, run_holds},
	{"owner", "seq# pid#", NOBODY, run_owner},
	{"access-log", "seq# ?path ?size# ?files#", NOBODY, run_access_log},
	{"remember", "seq# ?id# ?instance# memo", NOBODY, run_remember},
	{"end", "seq# status#", NOBODY, run_end},
};

struct buffer {
	char *data;
	size_t length, size;
};
static struct buffer output, answer;
static char input[LARGEST_FRAME + 65536];
static size_t written, got; /* of output, of input */
static struct later asked;  /* the request that is being run */
static const char later_word[] = "later";
static struct source channel = {.fd = -1};

static void append(struct buffer *buffer, const void *bytes, size_t length) {
	if (buffer->length + length > buffer->size) {
		buffer->size = (buffer->length + length) * 2;
		buffer->data = realloc(buffer->data, buffer->size);
		if (!buffer->data) die(1, "memory", "there is none left");
	}
	memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
}

/* ---- what a message holds ---- */

/* Where `key` ends in the list of keys; NULL: it is not there. */
static const char *end_of(const char *keys, const char *key) {
	size_t length = strlen(key);
	for (const char *at = keys; (at = strstr(at, key)); at += length)
		if ((at == keys || strchr(" ?*", at[-1])) && strchr("# ", at[length])) return at + length; /* or its NUL */
	return NULL;
}

const char *check_keys(const struct message *message, const char *keys) {
	static char key[NAME_SIZE];
	for (size_t at = 1; at < message->count; at++) {
		const char *part = message->parts[at], *value = part + strcspn(part, "=");
		snprintf(key, sizeof key, "%.*s", (int)(value - part), part);
		const char *end = *value && value > part ? end_of(keys, key) : NULL;
		if (!end) return key;
		size_t digits = strspn(++value, "0123456789");
		if (*end == '#' && (digits == 0 || digits > 15 || value[digits])) return key;
		const char *begin = end - strlen(key);
		if ((begin == keys || begin[-1] != '*') && text_of(message, key) != value) return key; /* it stands twice */
	}
	for (const char *word = keys; *word; word += strcspn(word, " "), word += strspn(word, " ")) {
		snprintf(key, sizeof key, "%.*s", (int)strcspn(word, "# "), word);
		if (*word != '?' && *word != '*' && !text_of(message, key)) return key;
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

const char *reply(const char *format, ...) {
	va_list values;
	va_start(values, format);
	compose(&answer, format, values);
	va_end(values);
	return NULL;
}

const char *refuse(int error, const char *what) { return errno = error, what; }

static void flush(void) {
	ssize_t sent = 0;
	for (; sent >= 0 && written < output.length; written += sent > 0 ? (size_t)sent : 0)
		sent = send(channel.fd, output.data + written, output.length - written, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (written < output.length) source_change(&channel, EPOLLIN | EPOLLOUT); /* it is full */
	else written = output.length = 0;
}

/* Without a launcher it is dropped: hello repeats the state. */
static void send_frame(const char *verb, const struct buffer *fields) {
	uint32_t length = (uint32_t)(strlen(verb) + 1 + fields->length);
	bool full = output.length > 0; /* then it is flushed when the channel can take more */
	if (channel.fd < 0) return;
	append(&output, &length, sizeof length);
	append(&output, verb, strlen(verb) + 1);
	append(&output, fields->data, fields->length);
	if (!full) flush();
}

void event(const char *verb, const char *format, ...) {
	static struct buffer fields;
	va_list values;
	fields.length = 0;
	va_start(values, format);
	compose(&fields, format, values);
	va_end(values);
	send_frame(verb, &fields);
}

bool protocol_behind(void) { return channel.fd < 0 || output.length - written > LARGEST_FRAME; }

/* ---- what the launcher says ---- */

/* NULL, or the step that failed. */
static const char *perform(const struct verb *verb, const struct message *message) {
	const char *wrong = check_keys(message, verb->keys);
	if (wrong) return refuse(EPROTO, wrong);
	struct held *held = verb->about == SOCKET ? held_of(text_of(message, "name")) : NULL;
	struct vps *vps = verb->about == VPS ? vps_at(number_of(message, "id", 0), number_of(message, "instance", 0)) : NULL;
	if (verb->about == SOCKET && !held) return refuse(ENOENT, "name");
	if (verb->about == VPS && !vps) return refuse(ESRCH, "instance");
	return verb->run(message, held, vps);
}

static void fail(const char *seq, const char *what) {
	const char *name = strerrorname_np(errno);
	event("failed", "seq=%s error=%s what=%s", seq, name ? name : "EIO", what);
}

const char *answer_later(struct later *later) { return *later = asked, later_word; }

void answer_now(const struct later *later, int error, const char *what) {
	char seq[24];
	if (later->launcher != asked.launcher) return;
	snprintf(seq, sizeof seq, "%" PRIu64, later->seq);
	errno = error;
	if (error) fail(seq, what);
	else event("done", "seq=%s", seq);
}

/* The strings of one frame. */
static void take(char *body, size_t length) {
	struct message message = {.parts = claim((length + 1) * sizeof *message.parts)};
	bool whole = length > 0 && body[length - 1] == 0;
	for (char *part = body; whole && part < body + length; part += strlen(part) + 1) message.parts[message.count++] = part;
	const char *seq = text_of(&message, "seq"), *what = refuse(EPROTO, whole ? "verb" : "frame");
	if (!seq || strlen(seq) > 15) seq = "0"; /* it is said again as it came */
	asked.seq = strtoull(seq, NULL, 10);
	answer.length = 0;
	reply("seq=%s", seq);
	for (size_t at = 0; whole && at < sizeof verbs / sizeof *verbs; at++)
		if (!strcmp(verbs[at].name, message.parts[0])) what = perform(&verbs[at], &message);
	if (!what && answer.length > LARGEST_FRAME - 64) what = refuse(E2BIG, "frame");
	if (what && what != later_word) fail(seq, what);
	else if (!what) send_frame("done", &answer);
	free(message.parts);
}

/* Whole frames are run in order; false where the stream can be followed no longer. */
static bool take_all(void) {
	size_t at = 0;
	for (uint32_t length; got - at >= sizeof length; at += sizeof length + length) {
		memcpy(&length, input + at, sizeof length);
		if (length > LARGEST_FRAME) return false;
		if (got - at - sizeof length < length) break;
		take(input + at + sizeof length, length);
	}
	memmove(input, input + at, got - at);
	got -= at;
	return true;
}

static void channel_ready(struct source *source, uint32_t events) {
	if (events & EPOLLOUT) source_change(&channel, EPOLLIN), flush();
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
	ssize_t more = recv(source->fd, input + got, sizeof input - got, MSG_DONTWAIT);
	if (more < 0 && (errno == EAGAIN || errno == EINTR)) return;
	got += more > 0 ? (size_t)more : 0;
	if (more > 0 && take_all()) return;
	protocol_disconnect(); /* SIGCHLD follows, or the launcher has gone mad and must */
	if (house.launcher > 0) kill(house.launcher, SIGKILL);
}

void protocol_connect(int fd) {
	asked.launcher++;
	source_add(&channel, fd, EPOLLIN, channel_ready);
}

void protocol_disconnect(void) {
	source_close(&channel);
	got = output.length = written = 0;
}
