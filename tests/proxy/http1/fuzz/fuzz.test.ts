import { readResponse as llhttpResponse, RequestReader } from './llhttp.ts';
import { type Chance, chanceOf, mutated, requestStream, responseStream } from './messages.ts';
import { forwardRequests, readRequests, readResponse } from './ours.ts';
import type { Message, Reading } from './readings.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 2026);
const runs = Number(process.env['FUZZ_RUNS'] ?? 8000);
const timeout = 20_000 + runs * 10;

/** An absolute-form target as this codec reduces it (RFC 9112 §3.2.2), so that the two can be compared. */
function reduced(message: Message): Message {
	const [method = '', url = ''] = message.start.split(' ');
	if (!/^http/i.test(url)) return message;
	const path = url.replace(/^https?:\/\/[^/?]*/i, '');
	const target = path === '' ? (method === 'OPTIONS' ? '*' : '/') : path.startsWith('?') ? `/${path}` : path;
	return { ...message, start: `${method} ${target}` };
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
				compare(text, ours, await reader.read(text), readRequests);
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
				compare(text, ours, await llhttpResponse(text, method), (more) => readResponse(more, method));
				return ours.end;
			});
			expect(ends.get('ended')).toBeGreaterThan(runs / 20);
			expect(ends.size).toBeGreaterThan(15);
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
				const sent = forwardRequests(text);
				const theirs = await reader.read(sent.join(''));
				const want = messages.map(({ start, body }) => ({ start, body }));
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
