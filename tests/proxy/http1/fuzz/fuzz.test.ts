import { METHODS } from 'node:http';
import { readResponse as llhttpResponse, RequestReader } from './llhttp.ts';
import { type Chance, chanceOf, mutated, requestStream, responseStream } from './messages.ts';
import { forwardRequests, forwardResponse, readRequests, readResponse } from './ours.ts';
import type { Message, Reading } from './readings.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 2026);
const runs = Number(process.env['FUZZ_RUNS'] ?? 2000);
const timeout = 20_000 + runs * 10;

/** A message of an absolute-form target as this codec reduces it (RFC 9112 §3.2.2), so that the two can be compared. */
function reduced(message: Message): Message {
	const [method = '', url = ''] = message.start.split(' ');
	if (!/^http/i.test(url)) return message;
	const path = url.replace(/^https?:\/\/[^/?]*/i, '');
	const [, authority = ''] = /^https?:\/\/([^/?]*)/i.exec(url) ?? [];
	const fields = message.fields.map((text, i, { [i - 1]: name = '' }) =>
		i % 2 === 1 && name.toLowerCase() === 'host' ? authority : text,
	);
	const target = path === '' ? (method === 'OPTIONS' ? '*' : '/') : path.startsWith('?') ? `/${path}` : path;
	return { ...message, fields, start: `${method} ${target}` };
}

/**
 * Our reading is a beginning of llhttp's, message for message, and where llhttp finds a fault, we do. One exception: beside a
 * body we ignore Upgrade, and do not send it on, where llhttp leaves the body to the new protocol; we compare up to there.
 */
function compare(text: string, ours: Reading, theirs: Reading, again: (text: string) => Reading): void {
	const context = JSON.stringify({ text, ours, theirs });
	const upgraded = theirs.end === 'upgraded';
	const compared = upgraded ? ours.messages.slice(0, theirs.messages.length) : ours.messages;
	const known = theirs.messages.slice(0, compared.length).map(reduced);
	const bodies = (message: Message, index: number) =>
		upgraded && index === known.length - 1 ? { ...message, body: '' } : message;
	if (JSON.stringify(known.map(bodies)) !== JSON.stringify(compared.map(bodies)))
		throw new Error(`read differently: ${context}`);
	if (upgraded || theirs.end === 'open' || ours.end !== 'open') return;
	// llhttp judges each byte, we each line, and what the fields mean once they are all there.
	if (again(`${text}\r\n\r\n`).end === 'open') throw new Error(`only llhttp refuses: ${context}`);
}

/**
 * Shapes of an answer that we read and llhttp refuses (plain.ts, chunked.ts): bare LF, empty lines in front, blanks in the status
 * line, before a colon, before a line and behind a chunk's size, other minor versions, lengths that agree, and fields that
 * frame where there is no body.
 */
const UNUSUAL =
	/^[\r\n]|\n[\r\n]*HTTP|[^\r]\n|HTTP\/1\.[2-9]|HTTP\/1\.\d[ \t]+[ \t]|HTTP\/1\.\d\t|HTTP\/1\.\d +\d+\t|\n[ \t]|[ \t]:|\n[0-9a-f]+[ \t;]|content-length:.*(?:,|\ncontent-length:)|HTTP\/1\.\d +(?:1\d\d|204|304|[6-9])/is;

/**
 * The same of requests, by the word that llhttp has for it: white space behind a chunk's size, or within its extension, methods
 * that it does not know, HTTP/1.2 and above, bytes beyond ASCII in a target.
 */
const UNUSUAL_REQUEST: Readonly<Record<string, RegExp>> = {
	HPE_INVALID_CHUNK_SIZE: /\n[0-9a-f]+[ \t;]/i,
	HPE_STRICT: /\n[0-9a-f]+[ \t;]/i,
	HPE_INVALID_METHOD: /./,
	HPE_INVALID_VERSION: /HTTP\/1\.[2-9]\r/,
	HPE_INVALID_URL: /[\x80-\xff][^ \n]* HTTP/,
};

/** llhttp knows a list of methods; a request of any other is framed as a POST is. */
function inKnownMethod(text: string): string {
	const method = text.slice(0, text.indexOf(' '));
	return METHODS.includes(method) ? text : `POST${text.slice(method.length)}`;
}

async function many(
	make: (chance: Chance) => string,
	check: (text: string, chance: Chance) => Promise<string>,
): Promise<Map<string, number>> {
	const chance = chanceOf(seed);
	const ends = new Map<string, number>();
	for (let run = 0; run < runs; run++) {
		const end = await check(mutated(chance, make(chance)), chance);
		ends.set(end, (ends.get(end) ?? 0) + 1);
	}
	return ends;
}

describe(`with llhttp in strict mode (FUZZ_SEED=${seed} FUZZ_RUNS=${runs})`, () => {
	test(
		'requests are read alike where both accept them, and what it refuses is refused',
		async () => {
			const reader = new RequestReader();
			const ends = await many(requestStream, async (text) => {
				const ours = readRequests(text);
				const theirs = await reader.read(text);
				const unusual = UNUSUAL_REQUEST[theirs.end]?.test(text) ?? false;
				const comparable = unusual ? { messages: ours.messages.slice(0, theirs.messages.length), end: '' } : ours;
				compare(text, comparable, theirs, readRequests);
				return ours.end;
			});
			// The grammar must reach both sides, or the comparison would say nothing.
			expect(ends.get('open')).toBeGreaterThan(runs / 20);
			expect(ends.size).toBeGreaterThan(20);
		},
		timeout,
	);

	test(
		'responses are read alike where both accept them, and what it refuses is refused',
		async () => {
			const ends = await many(responseStream, async (text, chance) => {
				const method = chance(5) === 0 ? 'HEAD' : 'GET';
				const ours = readResponse(text, method);
				const theirs = await llhttpResponse(text, method);
				const bodiless = method === 'HEAD' && /content-length|transfer-encoding/i.test(text);
				const unusual = theirs.end.startsWith('HPE_') && (bodiless || UNUSUAL.test(text));
				if (!unusual) compare(text, ours, theirs, (more) => readResponse(more, method));
				return ours.end;
			});
			expect(ends.get('ended')).toBeGreaterThan(runs / 20);
			expect(ends.size).toBeGreaterThan(15);
		},
		timeout,
	);

	test(
		'what is sent on to a visitor is the same message to it as to us, whatever shape it had',
		async () => {
			let compared = 0;
			await many(responseStream, async (text, chance) => {
				const method = chance(5) === 0 ? 'HEAD' : 'GET';
				const { messages } = readResponse(text, method);
				const sent = forwardResponse(text, method);
				const theirs = await llhttpResponse(sent, method);
				const want = messages.map(({ start, body }) => ({ start, body }));
				const got = theirs.messages.map(({ start, body }) => ({ start, body }));
				if (theirs.end !== 'open' || JSON.stringify(got) !== JSON.stringify(want)) {
					throw new Error(`the visitor reads something else: ${JSON.stringify({ text, sent, want, theirs })}`);
				}
				compared += messages.length;
				return theirs.end;
			});
			expect(compared).toBeGreaterThan(runs / 4);
		},
		timeout,
	);

	test(
		'what is sent on to a tenant is as many messages to it as to us, with the same bodies',
		async () => {
			const reader = new RequestReader();
			let compared = 0;
			await many(requestStream, async (text) => {
				const { messages } = readRequests(text);
				const sent = forwardRequests(text).map(inKnownMethod);
				const theirs = await reader.read(sent.join(''));
				const want = messages.map(({ start, body }) => ({ start: inKnownMethod(start), body }));
				const got = theirs.messages.map(({ start, body }) => ({ start, body }));
				const whole = theirs.end === 'open' || theirs.end === 'upgraded';
				if (!whole || JSON.stringify(got) !== JSON.stringify(want)) {
					throw new Error(`the tenant reads something else: ${JSON.stringify({ text, sent, theirs })}`);
				}
				compared += sent.length;
				return theirs.end;
			});
			expect(compared).toBeGreaterThan(runs / 2);
		},
		timeout,
	);
});
