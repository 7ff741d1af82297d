import { Answer } from './answer.ts';
import type { DeadlineList } from './deadlines.ts';
import type { ErrorCode } from './errors.ts';
import { bodyFramer } from './http1/body.ts';
import type { BodyFramer } from './http1/framer.ts';
import type { Paced } from './pace.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';
import type { Carrier, Visit } from './visit.ts';

/** The waits (ms) before a refused connection is tried again: the launcher mends the socket meanwhile. */
const REFUSED_WAITS = [20, 50, 100, 200, 400];

const NO_BYTES = Buffer.alloc(0);

/** So many bytes of a body are kept until its tenant says something. */
const MOST_KEPT = 16 * 1024;

/** Errors of socket(2) and connect(2) that are our own: no file, no memory or no port is left. */
const NO_ROOM = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** Methods that may be sent twice when nothing came back (RFC 9110 §9.2.1: they change nothing). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** One request and its answer, on one connection to the instance at a time; used again for the connection's next request. */
export class Exchange implements Carrier, Paced, UpstreamUser {
	readonly #visit: Visit;
	readonly #answer: Answer;
	#upstream: Upstream | undefined;
	#framer: BodyFramer | undefined;
	/** The head was sent, or is as good as sent: from here on the instance may have acted on it. */
	#sent = false;
	/** The head, while it waits for the first of the body to go with. */
	#prefix = '';
	/** The connection outlived its instance in the queue of the listening socket: the next one will read it. */
	#queued = false;
	/** No byte has come on this connection, so that it may not have been accepted; `told`: the launcher was asked about it. */
	#unheard: 'no' | 'yes' | 'told' = 'no';
	/** The body so far, while nothing was heard on the connection that it went out on; undefined: not all of it is there. */
	#kept: Buffer | undefined = NO_BYTES;
	#refusals = 0;
	/** It is to begin when its turn comes (Paced). */
	#due = false;

	constructor(visit: Visit) {
		this.#visit = visit;
		this.#answer = new Answer(visit);
	}

	/** Begins the exchange when its turn comes, or goes on with it under a new lease. */
	ask(): void {
		this.#due = true;
		this.#visit.edge.pace.begin(this);
	}

	begin(waited: boolean): void {
		if (!this.#due) return;
		this.#due = false;
		if (waited) this.#visit.now = this.#visit.edge.clock.now();
		if (this.#queued && this.#upstream !== undefined) {
			this.#queued = false;
			if (this.#upstream.port !== this.#visit.mustHaveLease().port) {
				this.#leaveQueue();
				return;
			}
			this.#visit.mustHaveLease().adopt(this.#upstream);
			// One that never got ready may have accepted it meanwhile, and have been stopped.
			this.#upstream.used = true;
			this.#awaitTenant();
			this.#upstream.socket.resume();
			this.#visit.visitor.readBody();
			return;
		}
		this.#refusals = 0;
		this.#sent = false;
		const pooled = this.#visit.mustHaveLease().take(this, this.#visit.now, this.#repeatable());
		if (pooled === undefined) {
			this.#connect();
		} else {
			this.#upstream = pooled;
			this.#unheard = pooled.used ? 'no' : 'yes';
			this.#send();
		}
	}

	/** The next instance has a socket of its own. What lay in the queue of the other was read by nobody. */
	#leaveQueue(): void {
		this.#drop();
		if (this.#kept !== undefined) this.#connect();
		else this.#fail('instance-gone');
	}

	get wanting(): boolean {
		return this.#sent && !this.#queued && !this.#visit.requestDone;
	}

	/** Relays the request's body as it comes (Carrier). */
	take(bytes: Buffer, start: number, end: number): number {
		const visit = this.#visit;
		const framer = this.#framer;
		const upstream = this.#upstream;
		if (framer === undefined || upstream === undefined) return end;
		const stop = framer.take(bytes, start, end);
		const ending = framer.done ? framer.ending : '';
		const prefix = this.#prefix;
		this.#prefix = '';
		const idle = prefix === '' && framer.relay === start && ending === '';
		const flowing = idle || upstream.send(prefix, bytes, start, framer.relay, ending);
		this.#keep(bytes, start, framer.relay, ending);
		if (framer.fault !== undefined) {
			this.#fail(framer.fault);
			return stop;
		}
		if (framer.done) visit.requestDone = true;
		visit.now = visit.edge.clock.now();
		if (framer.done || this.#answer.begun || !flowing) this.#awaitTenant();
		else this.#awaitVisitor();
		if (!flowing) visit.visitor.stopReading();
		return stop;
	}

	/** Keeps what was sent of the body: it may lie in a queue that nobody will read. */
	#keep(bytes: Buffer, from: number, to: number, ending: string): void {
		const before = this.#kept;
		if (before === undefined) return;
		const length = before.length + to - from + ending.length;
		const whole = this.#unheard !== 'no' && length <= MOST_KEPT;
		this.#kept = whole ? Buffer.concat([before, bytes.subarray(from, to), Buffer.from(ending, 'latin1')]) : undefined;
	}

	visitorDrained(): void {
		if (this.#answer.flowing) return;
		this.#answer.flowing = true;
		this.#visit.now = this.#visit.edge.clock.now();
		if (this.#answer.head === undefined && !this.#visit.requestDone) this.#awaitVisitor();
		else this.#awaitTenant();
		this.#upstream?.socket.resume();
	}

	/**
	 * Who ends a whole request's half may still want the answer. One who ends in the middle of it, or while events are sent that
	 * never end by themselves, is gone.
	 */
	visitorEnded(): void {
		if (!this.#visit.requestDone || this.#answer.endless) this.#fail('visitor-gone');
		else if (this.#isAwaited()) {
			this.#visit.now = this.#visit.edge.clock.now();
			this.#awaitTenant();
		}
	}

	expired(list: DeadlineList): void {
		const { timeouts } = this.#visit.edge;
		if (list === timeouts.body) this.#fail('slow-body');
		else if (list === timeouts.connect) this.#fail('connect-timeout');
		else if (list === timeouts.quiet) this.#askWhy();
		else if (list === timeouts.answer || list === timeouts.answerRest)
			this.#fail(this.#answer.head === undefined ? 'answer-timeout' : 'answer-stalled');
		else if (list === timeouts.halfOpen) this.#fail('visitor-gone');
		else if (list === timeouts.lastWord && this.#visit.mustHaveLease().over) this.#failCut();
		else this.#connect();
	}

	abandon(): void {
		this.#drop();
		this.#reset();
	}

	connected(): void {
		this.#visit.now = this.#visit.edge.clock.now();
		this.#send();
	}

	read(bytes: Buffer, end: number): void {
		const visit = this.#visit;
		visit.now = visit.edge.clock.now();
		if (this.#unheard !== 'no') {
			this.#unheard = 'no';
			this.#kept = undefined;
		}
		switch (this.#answer.read(bytes, end, (this.#upstream as Upstream).lastHead)) {
			case 'more':
				if (this.#answer.head !== undefined) this.#answerGoesOn();
				else if (!this.#answer.flowing) this.#awaitReader();
				else if (!visit.requestDone) this.#awaitVisitor();
				break;
			case 'over':
				this.#over();
				break;
			case 'switched':
				this.#switch();
				break;
			case 'broken':
				this.#fail(this.#answer.fault ?? 'answer-cut');
				break;
		}
	}

	drained(): void {
		if (this.#visit.requestDone) return;
		if (!this.#answer.begun) {
			this.#visit.now = this.#visit.edge.clock.now();
			this.#awaitVisitor();
		}
		this.#visit.visitor.readBody();
	}

	ended(): void {
		this.#visit.now = this.#visit.edge.clock.now();
		if (this.#answer.ended()) this.#over();
		else this.lost(undefined);
	}

	lost(error: string | undefined): void {
		const { used } = this.#upstream ?? { used: false };
		this.#drop();
		if (!this.#sent) {
			if (error === 'ECONNREFUSED') this.#refused();
			else this.#fail(error !== undefined && NO_ROOM.has(error) ? 'too-many-connections' : 'connect-failed');
		} else if (this.#answer.begun) {
			this.#fail('answer-cut');
		} else if (used && this.#repeatable()) {
			// The tenant may have closed it for being idle, or it died of this very request: then its word comes at once.
			this.#visit.edge.timeouts.lastWord.arm(this.#visit.deadline, this.#visit.edge.clock.now());
		} else {
			this.#failCut();
		}
	}

	#failCut(): void {
		this.#fail(this.#visit.mustHaveLease().over ? 'instance-gone' : 'answer-cut');
	}

	instanceDeaf(): void {
		if (this.#unheard !== 'no') this.instanceGone();
	}

	instanceGone(): void {
		if (this.#answer.begun) return;
		if (this.#sent) {
			// What the dead instance had accepted is closed by now: this connection still lies in the queue.
			this.#queued = true;
			this.#upstream?.socket.pause();
			this.#visit.visitor.stopReading();
		} else {
			this.#drop();
		}
		this.#again();
	}

	#connect(): void {
		const visit = this.#visit;
		const lease = visit.mustHaveLease();
		this.#sent = false;
		if (lease.over) {
			this.#again();
			return;
		}
		const { view } = visit.mustHaveTenant();
		visit.edge.timeouts.connect.arm(visit.deadline, visit.edge.clock.now());
		this.#upstream = visit.edge.activation.open(lease, view.address, this);
		this.#unheard = 'yes';
	}

	/** The launcher hears of it and mends the socket; we try again for a while. */
	#refused(): void {
		const visit = this.#visit;
		const lease = visit.mustHaveLease();
		const wait = REFUSED_WAITS[this.#refusals++];
		if (lease.over) {
			this.#again();
		} else if (wait === undefined) {
			this.#fail('connect-refused');
		} else {
			visit.edge.refused(lease.id, lease.instance);
			visit.edge.deadlines.lasting(wait).arm(visit.deadline, visit.edge.clock.now());
		}
	}

	/** Waits for the next instance. */
	#again(): void {
		this.#visit.deadline.disarm();
		this.#visit.reactivate();
	}

	#send(): void {
		const visit = this.#visit;
		const upstream = this.#upstream as Upstream;
		visit.connectedAt = visit.now;
		const kept = this.#kept ?? NO_BYTES;
		this.#sent = true;
		if (visit.requestDone) {
			upstream.send(visit.outgoing, kept, 0, kept.length, '');
			this.#awaitTenant();
			return;
		}
		this.#framer ??= bodyFramer(visit.head.framing, visit.edge.settings.sizes);
		// Who waits for 100 (Continue) sends nothing before the tenant spoke.
		if (visit.head.expectContinue) this.#awaitTenant();
		else this.#awaitVisitor();
		this.#prefix = visit.outgoing;
		if (kept.length === 0) visit.visitor.readBody();
		if (this.#prefix === '') return;
		this.#prefix = '';
		upstream.send(visit.outgoing, kept, 0, kept.length, '');
		if (kept.length > 0) visit.visitor.readBody();
	}

	/** The next word is the tenant's. Once its answer has begun, any byte in either direction starts the time anew. */
	#awaitTenant(): void {
		const { edge, deadline, now } = this.#visit;
		if (this.#answer.endless) deadline.disarm();
		else if (this.#visit.visitor.ended) edge.timeouts.halfOpen.arm(deadline, now);
		else if (this.#unheard === 'yes') edge.timeouts.quiet.arm(deadline, now);
		else edge.timeouts.answer.arm(deadline, now);
	}

	#isAwaited(): boolean {
		const { edge, deadline } = this.#visit;
		const { answer, quiet, answerRest } = edge.timeouts;
		return deadline.list === answer || deadline.list === quiet || deadline.list === answerRest;
	}

	/** Not a word so far: whoever is slow gets the rest of the time. */
	#askWhy(): void {
		const { edge, deadline } = this.#visit;
		this.#unheard = 'told';
		edge.timeouts.answerRest.arm(deadline, edge.clock.now());
		edge.silent(this.#visit.mustHaveLease());
	}

	/** The next move is the visitor's: to send, or to take what we have. */
	#awaitVisitor(): void {
		this.#visit.edge.timeouts.body.arm(this.#visit.deadline, this.#visit.now);
	}

	#answerGoesOn(): void {
		const { visitor } = this.#visit;
		visitor.streams(this.#answer.endless);
		if (this.#answer.endless && visitor.ended) {
			this.#fail('visitor-gone');
		} else if (this.#answer.flowing) {
			this.#awaitTenant();
		} else {
			this.#awaitReader();
		}
	}

	/** The visitor has not taken what was sent: no more is read before it has. */
	#awaitReader(): void {
		this.#awaitVisitor();
		this.#upstream?.socket.pause();
	}

	#over(): void {
		const visit = this.#visit;
		const upstream = this.#upstream;
		this.#upstream = undefined;
		if (upstream !== undefined) {
			if (this.#answer.reusable && visit.requestDone) visit.mustHaveLease().give(upstream, visit.now);
			else upstream.destroy();
		}
		if (!visit.requestDone) visit.keepAlive = false;
		this.#reset();
		visit.proceed();
	}

	#switch(): void {
		const upstream = this.#upstream as Upstream;
		const { rest } = this.#answer;
		this.#upstream = undefined;
		this.#reset();
		this.#visit.deadline.disarm();
		this.#visit.keepAlive = false;
		const tunnel = new Tunnel(this.#visit, upstream);
		this.#visit.carrier = tunnel;
		tunnel.begin(rest);
	}

	#fail(code: ErrorCode): void {
		this.#drop();
		this.#reset();
		this.#visit.fail(code);
	}

	#drop(): void {
		this.#upstream?.destroy();
		this.#upstream = undefined;
	}

	#reset(): void {
		this.#answer.reset();
		this.#framer = undefined;
		this.#prefix = '';
		this.#kept = NO_BYTES;
		this.#sent = false;
		this.#queued = false;
		this.#due = false;
	}

	/** A request without a body that changes nothing: it may be sent twice when nothing came back. */
	#repeatable(): boolean {
		return this.#visit.head.framing.kind === 'none' && SAFE_METHODS.has(this.#visit.head.method);
	}
}
