import type { Socket } from 'node:net';
import type { EdgeSettings } from '../launcher/protocol/edge.ts';
import type { Member } from './crowd.ts';
import type { DeadlineList } from './deadlines.ts';
import type { ErrorCode } from './errors.ts';
import { plainAddress } from './forwarded.ts';
import type { RequestHead } from './http1/head.ts';
import { HeadProgress } from './http1/lines.ts';
import { parseRequestHead } from './http1/request.ts';
import { Outlet } from './outlet.ts';
import { readInto } from './reading.ts';
import { Recall } from './recall.ts';
import { proceed } from './request.ts';
import { type EdgeContext, Visit, type VisitorConnection } from './visit.ts';

/** Where the connection stands. */
type State =
	/** Between requests, or in the middle of a head. */
	| 'head'
	/** A request is under way; what comes is its body or waits its turn. */
	| 'visit'
	/** The request is answered, but the visitor has not taken all of the answer: its next request is not read before it has. */
	| 'sending'
	/** The last answer was sent: what still comes is thrown away. */
	| 'closing';

/** So many bytes (of requests sent ahead, or of a body that nobody takes yet) wait in memory; the others wait in the kernel. */
const MOST_AHEAD = 64 * 1024;

/** For how long (ms) in all we go on reading behind the last answer; timeouts.closing bounds the silence meanwhile (nginx: lingering_time). */
const LONGEST_CLOSING = 30_000;

/** After so much silence (ms) TCP asks whether the other end is still there. */
const TCP_KEEP_ALIVE = 60_000;

const NO_BYTES = Buffer.alloc(0);

/** A visitor's connection: its requests, one after the other, each through the stages of request.ts. */
export class Visitor implements VisitorConnection, Member {
	place = 0;
	readonly socket: Socket;
	readonly client: string;
	readonly trusted: boolean;
	readonly addressKey: string | undefined;
	policed: RequestHead | undefined;
	policedBy: EdgeSettings | undefined;
	outgoing = '';
	ended = false;
	readonly #edge: EdgeContext;
	readonly #outlet: Outlet;
	readonly #visit: Visit;
	readonly #progress = new HeadProgress();
	readonly #lastHead = new Recall<RequestHead>();
	#state: State = 'head';
	/** What was read and not yet used, from #at on. */
	#bytes: Buffer | undefined;
	#at = 0;
	#working = false;
	#paused = false;
	#streaming = false;
	/** When the first byte of the current head came. */
	#headStartedAt = 0;
	/** When the last answer was sent and the connection began to close. */
	#closingSince = 0;

	/** `accepted`: and not read from yet (reading.ts). `addressKey`: see VisitorConnection. `left` is called once, when the connection is gone. */
	constructor(accepted: Socket, addressKey: string | undefined, edge: EdgeContext, left: (visitor: Visitor) => void) {
		const socket = readInto(accepted, (bytes, end) => this.#read(bytes, end));
		this.socket = socket;
		this.#outlet = new Outlet(socket, () => this.#sent());
		this.client = plainAddress(socket.remoteAddress ?? '');
		this.trusted = edge.isTrusted(this.client);
		this.addressKey = addressKey;
		this.#edge = edge;
		this.#visit = new Visit(edge, this, proceed);
		edge.timeouts.head.arm(this.#visit.deadline, edge.clock.now());
		socket.on('end', () => this.#end());
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			this.#state = 'closing';
			if (this.#visit.busy) this.#visit.abandon('visitor-gone');
			this.#visit.deadline.disarm();
			left(this);
		});
	}

	/** True where the connection carries nothing: neither a request nor the beginning of one. */
	get idle(): boolean {
		return this.#state === 'head' && this.#bytes === undefined;
	}

	send(prefix: string, bytes: Buffer, from: number, to: number, suffix: string): boolean {
		return this.#outlet.send(prefix, bytes, from, to, suffix);
	}

	answer(status: number, reason: string, type: string, body: string, retryAfter: number | undefined): void {
		const { head, keepAlive } = this.#visit;
		const lines = [
			`HTTP/1.1 ${status} ${reason}`,
			`Date: ${this.#edge.log.httpDate()}`,
			`Content-Type: ${type}`,
			`Content-Length: ${body.length}`,
			'Cache-Control: no-store',
		];
		if (retryAfter !== undefined) lines.push(`Retry-After: ${retryAfter}`);
		if (!keepAlive) lines.push('Connection: close');
		else if (head.minor === 0) lines.push('Connection: keep-alive');
		this.#outlet.send(`${lines.join('\r\n')}\r\n\r\n`, NO_BYTES, 0, 0, head.method === 'HEAD' ? '' : body);
	}

	streams(endless: boolean): void {
		if (!this.#streaming) {
			this.#streaming = true;
			this.socket.setNoDelay(true);
		}
		if (endless) this.socket.setKeepAlive(true, TCP_KEEP_ALIVE);
	}

	readBody(): void {
		this.#resume();
		this.#work();
	}

	stopReading(): void {
		if (this.#paused) return;
		this.#paused = true;
		this.socket.pause();
	}

	/** Ends the connection at once. */
	destroy(): void {
		this.#state = 'closing';
		this.socket.destroy();
	}

	reset(): void {
		this.#state = 'closing';
		this.socket.resetAndDestroy();
	}

	next(): void {
		if (this.socket.destroyed) return;
		if (!this.#visit.keepAlive || (this.ended && this.#bytes === undefined)) {
			this.#close();
			return;
		}
		if (!this.#outlet.empty) {
			this.#state = 'sending';
			this.stopReading();
			this.#edge.timeouts.body.arm(this.#visit.deadline, this.#visit.now);
			return;
		}
		this.#state = 'head';
		this.#edge.timeouts.idle.arm(this.#visit.deadline, this.#visit.now);
		this.#resume();
		if (this.#bytes !== undefined) this.#work();
	}

	expired(list: DeadlineList): void {
		if (this.#state === 'head' && list === this.#edge.timeouts.head && this.#bytes !== undefined)
			this.#reject('slow-head');
		else this.destroy();
	}

	/** Closes at once where nothing is under way; behind a request, the edge's draining closes it. */
	retire(): void {
		if (!this.idle) return;
		// Who has not asked anything yet may be about to, and is owed a word.
		if (this.#visit.deadline.list === this.#edge.timeouts.head) this.turnAway('drained');
		else this.destroy();
	}

	/** Closes at once, with an error for the request that is under way. */
	cut(): void {
		if (this.#visit.busy) this.#visit.abandon('drained');
		if (this.#outlet.empty) this.socket.destroySoon();
		else this.destroy();
	}

	/** Refuses the connection before it asked for anything. */
	turnAway(code: ErrorCode): void {
		this.#reject(code);
	}

	/** bytes[0..end) came; the memory is the next one's when this returns. */
	#read(bytes: Buffer, end: number): void {
		if (this.#state === 'closing') {
			this.#throwAway();
			return;
		}
		const chunk = bytes.subarray(0, end);
		this.#bytes = this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
		this.#at = 0;
		this.#work();
		if (this.#bytes !== chunk) return;
		this.#bytes = Buffer.from(chunk.subarray(this.#at));
		this.#at = 0;
	}

	/** Uses what was read as far as it goes. It may be called from within itself: the outer call goes on then. */
	#work(): void {
		if (this.#working) return;
		this.#working = true;
		while (this.#bytes !== undefined && (this.#state === 'visit' ? this.#passOn() : this.#readHead()));
		this.#working = false;
		// A request sent ahead whose body was cut: its end came while the one before it was under way.
		const cut = this.ended && this.#bytes === undefined && this.#state === 'visit' && !this.#visit.requestDone;
		if (cut) this.#visit.visitorEnded();
	}

	/** False where more bytes are needed, or no more are wanted. */
	#readHead(): boolean {
		const bytes = this.#bytes;
		if (bytes === undefined || this.#state !== 'head') return false;
		const { settings, clock, timeouts } = this.#edge;
		const { deadline } = this.#visit;
		const now = clock.now();
		const recalled = this.#lastHead.find(bytes, this.#at, bytes.length);
		const head = recalled ?? parseRequestHead(bytes, this.#at, bytes.length, settings.sizes, this.#progress);
		if (head === undefined) {
			if (this.#headStartedAt === 0) this.#headStartedAt = now;
			if (this.ended) this.#close();
			else if (deadline.list !== timeouts.head) timeouts.head.arm(deadline, now);
			return false;
		}
		this.#progress.reset();
		if ('code' in head) {
			this.#reject(head.code);
			return false;
		}
		if (recalled === undefined && head.keepAlive) this.#lastHead.keep(head, bytes, this.#at, this.#at + head.length);
		this.#state = 'visit';
		this.#use(this.#at + head.length);
		const startedAt = this.#headStartedAt === 0 ? now : this.#headStartedAt;
		this.#headStartedAt = 0;
		deadline.disarm();
		this.#visit.begin(head, startedAt, now);
		return true;
	}

	/** Gives the request's carrier its bytes; false where it takes none now. */
	#passOn(): boolean {
		const { carrier } = this.#visit;
		const bytes = this.#bytes;
		if (bytes === undefined) return false;
		if (carrier?.wanting) {
			const stop = carrier.take(bytes, this.#at, bytes.length);
			if (this.#bytes === bytes) this.#use(stop);
			return true;
		}
		if (!this.#visit.requestDone || bytes.length - this.#at > MOST_AHEAD) this.stopReading();
		return false;
	}

	#use(to: number): void {
		this.#at = to;
		if (to === this.#bytes?.length) this.#bytes = undefined;
	}

	#resume(): void {
		if (!this.#paused) return;
		this.#paused = false;
		this.socket.resume();
	}

	#reject(code: ErrorCode): void {
		this.#state = 'visit';
		this.#visit.reject(code, this.#edge.clock.now());
	}

	#end(): void {
		this.ended = true;
		if (this.#state === 'visit') this.#visit.visitorEnded();
		else if (this.#outlet.empty) this.destroy();
		else if (this.#state === 'closing') this.socket.destroySoon();
	}

	/** All that was sent has left. */
	#sent(): void {
		if (this.#state === 'visit') {
			this.#visit.carrier?.visitorDrained();
		} else if (this.#state === 'sending') {
			this.#visit.now = this.#edge.clock.now();
			if (this.#edge.draining) this.#close();
			else this.next();
		}
	}

	/** Closes behind what was sent; while the visitor still sends, its bytes are thrown away so that no reset eats our answer. */
	#close(): void {
		const { timeouts, clock } = this.#edge;
		const { deadline, requestDone } = this.#visit;
		const quiet = requestDone && this.#bytes === undefined;
		this.#state = 'closing';
		this.#closingSince = clock.now();
		this.#bytes = undefined;
		if (this.#outlet.empty && (quiet || this.ended)) {
			this.socket.destroy();
			return;
		}
		const list = this.#outlet.empty ? timeouts.closing : timeouts.body;
		list.arm(deadline, this.#closingSince);
		this.#resume();
		if (quiet || this.ended) this.socket.destroySoon();
		else this.socket.end();
	}

	/** The visitor still sends while the connection closes: it may be reading our answer only behind that. */
	#throwAway(): void {
		const { timeouts, clock } = this.#edge;
		const now = clock.now();
		if (now - this.#closingSince >= LONGEST_CLOSING) this.socket.destroy();
		else if (this.#outlet.empty) timeouts.closing.arm(this.#visit.deadline, now);
	}
}
