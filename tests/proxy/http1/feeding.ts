import type { BodyFramer } from '../../../proxy/http1/framer.ts';
import type { HeadLimits, Refusal, RequestHead, ResponseHead } from '../../../proxy/http1/head.ts';
import { HeadProgress } from '../../../proxy/http1/lines.ts';
import { parseRequestHead } from '../../../proxy/http1/request.ts';
import { type Asked, parseResponseHead } from '../../../proxy/http1/response.ts';

export const limits: HeadLimits = { head: 16_384, target: 8192, headers: 100 };

type Parse<Head> = (bytes: Buffer, start: number, end: number, progress?: HeadProgress) => Head | Refusal | undefined;

export function requestParser(within: HeadLimits = limits): Parse<RequestHead> {
	return (bytes, start, end, progress) => parseRequestHead(bytes, start, end, within, progress);
}

export function responseParser(asked: Asked = { method: 'GET', upgrade: undefined }): Parse<ResponseHead> {
	return (bytes, start, end) => parseResponseHead(bytes, start, end, limits, asked);
}

/** What the parser says of the text at once; it must say the same however the text is cut in two, and byte by byte. */
export function verdict<Head>(parse: Parse<Head>, text: string): Head | Refusal | undefined {
	const bytes = Buffer.from(text, 'latin1');
	const whole = parse(bytes, 0, bytes.length);
	for (let cut = 1; cut < bytes.length; cut++) {
		const progress = new HeadProgress();
		const first = parse(bytes, 0, cut, progress);
		// The second read may find the first part somewhere else.
		const moved = Buffer.concat([Buffer.from('xyz'), bytes]);
		const both = first ?? parse(moved, 3, moved.length, progress);
		if (JSON.stringify(both) !== JSON.stringify(whole)) {
			throw new Error(
				`cut at ${cut} of ${JSON.stringify(text)}: ${JSON.stringify(both)}, whole: ${JSON.stringify(whole)}`,
			);
		}
	}
	const progress = new HeadProgress();
	let slow: Head | Refusal | undefined;
	for (let end = 1; end <= bytes.length && slow === undefined; end++) slow = parse(bytes, 0, end, progress);
	if (JSON.stringify(slow) !== JSON.stringify(whole)) {
		throw new Error(`byte by byte: ${JSON.stringify(slow)}, whole: ${JSON.stringify(whole)}`);
	}
	return whole;
}

/** What a framer made of a body that came in these reads. */
export interface Relayed {
	/** All that the other side was sent, the ending included. */
	readonly sent: string;
	readonly done: boolean;
	readonly fault: string | undefined;
	/** What lies behind the message, or from the read's fault on. */
	readonly rest: string;
}

/** Relays as the forwarder does. */
export function relay(framer: BodyFramer, reads: readonly Buffer[]): Relayed {
	let sent = '';
	let rest = '';
	for (const bytes of reads) {
		let at = 0;
		while (at < bytes.length && !framer.done && framer.fault === undefined) {
			const stopped = framer.take(bytes, at, bytes.length);
			sent += bytes.toString('latin1', at, framer.relay);
			if (framer.done) sent += framer.ending;
			at = stopped;
		}
		rest += bytes.toString('latin1', at);
	}
	return { sent, done: framer.done, fault: framer.fault, rest };
}

/** What the text becomes at once; the same must come of it however it is cut in two, and byte by byte. */
export function relayed(
	make: () => BodyFramer,
	text: string,
	readBy: (sent: string) => string = (sent) => sent,
): Relayed {
	const bytes = Buffer.from(text, 'latin1');
	const whole = relay(make(), [bytes]);
	const cuts = Array.from({ length: bytes.length }, (_, cut) => [bytes.subarray(0, cut), bytes.subarray(cut)]);
	cuts.push(Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1)));
	for (const reads of cuts) {
		const cut = relay(make(), reads);
		const same =
			cut.done === whole.done &&
			cut.fault === whole.fault &&
			(!whole.done || cut.rest === whole.rest) &&
			readBy(cut.sent) === readBy(whole.sent);
		if (!same) throw new Error(`cut at ${reads[0]?.length}: ${JSON.stringify(cut)}, whole: ${JSON.stringify(whole)}`);
	}
	return whole;
}
