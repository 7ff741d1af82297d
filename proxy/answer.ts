import type { ErrorCode } from './errors.ts';
import { bodyFramer } from './http1/body.ts';
import type { ChunkedBody } from './http1/chunked.ts';
import type { BodyFramer } from './http1/framer.ts';
import type { Framing, ResponseHead } from './http1/head.ts';
import { keptResponseFields } from './http1/hop.ts';
import { parseResponseHead } from './http1/response.ts';
import { writeResponseHead } from './http1/write.ts';
import type { Recall } from './recall.ts';
import type { AnswerHead } from './upstream.ts';
import type { Visit } from './visit.ts';

/** What a read of the instance's bytes came to. */
export type Progress =
	/** The answer goes on. */
	| 'more'
	/** It is whole. */
	| 'over'
	/** 101: from here on, both sides speak another protocol; `rest` is the first of it. */
	| 'switched'
	/** It broke the rules: see `fault`. */
	| 'broken';

/** How the answer's body is sent, by what the tenant sent and what the visitor understands. */
type Relay = 'as-it-came' | 'in-new-chunks' | 'without-chunks';

const NO_BYTES = Buffer.alloc(0);

/** So many bytes of 1xx answers may come before the final one: who sends more has none to give. */
const MOST_INTERIM = 64 * 1024;

const CHUNKED: Framing = { kind: 'chunked' };
const UNTIL_CLOSE: Framing = { kind: 'close' };

/** Turns what an instance sends in answer to one request into what the visitor gets, as it comes. */
export class Answer {
	readonly #visit: Visit;
	/** Any byte of the answer came. */
	begun = false;
	/** The final head, once it is there. */
	head: ResponseHead | undefined;
	fault: ErrorCode | undefined;
	/** False once the visitor was slower than the instance; it is for the owner to pause and to reset it. */
	flowing = true;
	/** True where the connection to the instance can carry another request, as far as the answer is concerned. */
	reusable = false;
	/** Server-sent events: silence is normal. */
	endless = false;
	/** Behind a 101: what came of the new protocol. */
	rest: Buffer = NO_BYTES;
	/** A head that is not whole yet. */
	#partial: Buffer | undefined;
	#framer: BodyFramer | undefined;
	#relay: Relay = 'as-it-came';
	/** Heads for the visitor that were not sent yet: they go with the first of the body, or when the read is used up. */
	#prefix = '';
	/** Bytes of 1xx answers so far. */
	#interim = 0;

	constructor(visit: Visit) {
		this.#visit = visit;
	}

	/** Begins again, for another answer. */
	reset(): void {
		this.begun = false;
		this.head = undefined;
		this.fault = undefined;
		this.flowing = true;
		this.reusable = false;
		this.endless = false;
		this.rest = NO_BYTES;
		this.#partial = undefined;
		this.#framer = undefined;
		this.#relay = 'as-it-came';
		this.#prefix = '';
		this.#interim = 0;
	}

	/** bytes[0..end) came from the instance; they are free when this returns. `lastHead`: of the connection that they came on. */
	read(bytes: Buffer, end: number, lastHead: Recall<AnswerHead>): Progress {
		this.begun = true;
		let at = 0;
		if (this.#partial !== undefined) {
			bytes = Buffer.concat([this.#partial, bytes.subarray(0, end)]);
			end = bytes.length;
			this.#partial = undefined;
		}
		while (this.head === undefined) {
			const recalled = lastHead.find(bytes, at, end);
			if (recalled !== undefined && recalled.method === this.#visit.head.method) {
				at += recalled.head.length;
				this.#start(recalled);
				break;
			}
			const head = parseResponseHead(bytes, at, end, this.#visit.edge.settings.sizes, this.#visit.head);
			if (head === undefined) {
				if (at < end) this.#partial = Buffer.from(bytes.subarray(at, end));
				if (this.#prefix !== '') this.#send(NO_BYTES, 0, 0, '');
				return 'more';
			}
			if ('code' in head) return this.#break(`answer-${head.code}`);
			const start = at;
			at += head.length;
			if (head.status === 101) return this.#switch(head, bytes, at, end);
			if (head.status < 200) {
				this.#interim += head.length;
				if (this.#interim > MOST_INTERIM) return this.#break('answer-head-too-large');
				this.#relayInterim(head);
			} else {
				const made = { head, method: this.#visit.head.method, text: '' };
				lastHead.keep(made, bytes, start, at);
				this.#start(made);
			}
		}
		return this.#relayBody(bytes, at, end);
	}

	/** The instance sends no more. True where that is how the answer ends. */
	ended(): boolean {
		if (this.head?.framing.kind !== 'close') return false;
		if (this.#relay === 'in-new-chunks') this.#send(NO_BYTES, 0, 0, '0\r\n\r\n');
		else if (this.#prefix !== '') this.#send(NO_BYTES, 0, 0, '');
		return true;
	}

	/** 1xx but 101 (RFC 9110 §15.2): for visitors who can understand it. */
	#relayInterim(head: ResponseHead): void {
		const visit = this.#visit;
		if (visit.head.minor === 0) return;
		this.#prefix += writeResponseHead(head, keptResponseFields(head), '', head.framing, visit.head);
	}

	#switch(head: ResponseHead, bytes: Buffer, at: number, end: number): Progress {
		const visit = this.#visit;
		this.head = head;
		visit.status = 101;
		visit.answeredAt = visit.now;
		const text = writeResponseHead(head, keptResponseFields(head), this.#added(head), head.framing, visit.head);
		visit.visitor.send(this.#prefix, NO_BYTES, 0, 0, text);
		this.#prefix = '';
		this.rest = Buffer.from(bytes.subarray(at, end));
		return 'switched';
	}

	#start(made: AnswerHead): void {
		const visit = this.#visit;
		const { head } = made;
		const { settings, draining } = visit.edge;
		this.head = head;
		this.reusable = head.keepAlive;
		this.#framer = bodyFramer(head.framing, settings.sizes);
		const framing = this.#chooseRelay(head);
		visit.untilClose = framing.kind === 'close';
		if (visit.untilClose || !visit.requestDone || draining) visit.keepAlive = false;
		visit.status = head.status;
		visit.answeredAt = visit.now;
		this.endless = isEventStream(head.fields);
		const usual = visit.keepAlive && visit.head.minor === 1 && !settings.debugHeaders && hasDate(head.fields);
		if (!usual || made.text === '') {
			const receiver = { minor: visit.head.minor, keepAlive: visit.keepAlive };
			const text = writeResponseHead(head, keptResponseFields(head), this.#added(head), framing, receiver);
			if (usual) made.text = text;
			this.#prefix += text;
		} else {
			this.#prefix += made.text;
		}
	}

	#chooseRelay(head: ResponseHead): Framing {
		const { framing } = head;
		if (framing.kind === 'chunked' && this.#visit.head.minor === 0) {
			this.#relay = 'without-chunks';
			return UNTIL_CLOSE;
		}
		if (framing.kind === 'close' && this.#visit.head.minor === 1) {
			this.#relay = 'in-new-chunks';
			return CHUNKED;
		}
		return framing;
	}

	/** Field lines of our own. */
	#added(head: ResponseHead): string {
		const { edge, tenant, lease, wake, startedAt, activatedAt, connectedAt, now } = this.#visit;
		let added = hasDate(head.fields) ? '' : `Date: ${edge.log.httpDate()}\r\n`;
		if (edge.settings.debugHeaders && tenant !== undefined) {
			const timing = [
				`wake;dur=${(wake === 'none' ? 0 : (lease?.waited ?? 0)).toFixed(1)}`,
				`activate;dur=${(activatedAt - startedAt).toFixed(1)}`,
				`answer;dur=${(now - connectedAt).toFixed(1)}`,
			];
			added += `Innkeeper-Tenant: ${tenant.view.name}\r\nInnkeeper-Wake: ${wake}\r\nServer-Timing: ${timing.join(', ')}\r\n`;
		}
		return added;
	}

	#relayBody(bytes: Buffer, at: number, end: number): Progress {
		const framer = this.#framer;
		if (framer === undefined) {
			this.#send(NO_BYTES, 0, 0, '');
			return this.#over(at, end);
		}
		for (;;) {
			const stop = this.#relayPiece(framer, bytes, at, end);
			if (framer.fault !== undefined) return this.#break(`answer-${framer.fault}`);
			if (framer.done) return this.#over(stop, end);
			if (stop === end) return 'more';
			at = stop;
		}
	}

	#relayPiece(framer: BodyFramer, bytes: Buffer, at: number, end: number): number {
		if (this.#relay === 'without-chunks') return this.#unchunk(bytes, at, end);
		const stop = framer.take(bytes, at, end);
		if (this.#relay === 'as-it-came') {
			this.#send(bytes, at, framer.relay, framer.done ? framer.ending : '');
		} else if (stop > at) {
			this.#prefix += `${(stop - at).toString(16)}\r\n`;
			this.#send(bytes, at, stop, '\r\n');
		} else {
			this.#send(bytes, at, at, '');
		}
		return stop;
	}

	/** For HTTP/1.0: the content without its chunks; trailers are lost. */
	#unchunk(bytes: Buffer, at: number, end: number): number {
		const framer = this.#framer as ChunkedBody;
		let content = at;
		const stop = framer.take(bytes, at, end, (from, to) => {
			// The framer is past it by then: pieces of content are moved together and go as one.
			bytes.copyWithin(content, from, to);
			content += to - from;
		});
		this.#send(bytes, at, content, '');
		return stop;
	}

	#over(at: number, end: number): Progress {
		// Bytes behind the answer belong to nothing that was asked.
		if (at < end) this.reusable = false;
		return 'over';
	}

	#send(bytes: Buffer, from: number, to: number, suffix: string): void {
		const prefix = this.#prefix;
		if (prefix === '' && from === to && suffix === '') return;
		this.#prefix = '';
		this.#visit.bytes += to - from;
		if (!this.#visit.visitor.send(prefix, bytes, from, to, suffix)) this.flowing = false;
	}

	#break(fault: ErrorCode): Progress {
		this.fault = fault;
		return 'broken';
	}
}

function hasDate(fields: readonly string[]): boolean {
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		if (name.length === 4 && (name.charCodeAt(0) | 0x20) === 0x64 && name.toLowerCase() === 'date') return true;
	}
	return false;
}

function isEventStream(fields: readonly string[]): boolean {
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		if (name.length === 12 && name.toLowerCase() === 'content-type') {
			return (fields[i + 1] as string).toLowerCase().startsWith('text/event-stream');
		}
	}
	return false;
}
