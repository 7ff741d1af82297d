import type { Socket } from 'node:net';
import type { Denial, EdgeSettings, TenantState, Wake } from '../launcher/protocol/edge.ts';
import type { Activation } from './activation.ts';
import type { Admission } from './admission.ts';
import type { Clock } from './clock.ts';
import { Deadline, type DeadlineList, type Deadlines } from './deadlines.ts';
import { answers, type ErrorCode, errors } from './errors.ts';
import type { RequestHead } from './http1/head.ts';
import type { HeldLease } from './lease.ts';
import type { Pace } from './pace.ts';
import type { RequestIds } from './requestids.ts';
import type { Router } from './router.ts';
import type { EdgeTenant } from './tenant.ts';
import type { Timeouts } from './timeouts.ts';

/** Where visits that are over are written down (accesslog.ts). */
export interface VisitLog {
	visited(visit: Visit): void;
	/** The time now as Date has it (RFC 9110 §5.6.7). */
	httpDate(): string;
}

/** What all visits of one worker share. */
export interface EdgeContext {
	readonly clock: Clock;
	readonly deadlines: Deadlines;
	readonly timeouts: Timeouts;
	readonly router: Router;
	readonly admission: Admission;
	readonly activation: Activation;
	readonly pace: Pace;
	readonly ids: RequestIds;
	readonly log: VisitLog;
	readonly settings: EdgeSettings;
	/** True: every connection closes behind the request that it carries. */
	readonly draining: boolean;
	/** Tells the launcher that a leased instance refused a connection. */
	refused(id: number, instance: number): void;
	/** Tells the launcher, from time to time, that a leased instance says nothing on a new connection. */
	silent(lease: HeldLease): void;
	/** Asks the launcher how a tenant is; `then` gets null where there is no such tenant. False: too many ask. */
	askState(id: number, then: (state: TenantState | null) => void): boolean;
	/** True for an address whose word on forwarding is believed. */
	readonly isTrusted: (address: string) => boolean;
	/** True for an address that may know how tenants are. */
	readonly isMonitor: (address: string) => boolean;
}

/** The visitor's connection, as a visit sees it. */
export interface VisitorConnection {
	readonly socket: Socket;
	/** The address of the other end. */
	readonly client: string;
	/** Whether the other end's word on who came to it is believed. */
	readonly trusted: boolean;
	/** The head that policy.ts wrote last, and what it made of it but for the request's id. */
	policed: RequestHead | undefined;
	/** What it was written by. */
	policedBy: EdgeSettings | undefined;
	outgoing: string;
	/** For a tenant's own address: the key of it; undefined where Host decides. */
	readonly addressKey: string | undefined;
	/** The visitor closed its half of the connection. */
	readonly ended: boolean;
	/** Sends prefix, bytes[from..to) and suffix as one; false where the visitor is slower than we are. The bytes are free then. */
	send(prefix: string, bytes: Buffer, from: number, to: number, suffix: string): boolean;
	/** Sends an answer of our own with that body of ASCII; the visit says whether it is the last one. */
	answer(status: number, reason: string, type: string, body: string, retryAfter: number | undefined): void;
	/** The answer comes in pieces: each is sent as it comes. `endless`: half-open connections are found by TCP's keep-alive. */
	streams(endless: boolean): void;
	/** Takes the request's body from what was and will be read, by Carrier.take. */
	readBody(): void;
	stopReading(): void;
	/** A deadline between two requests is over. */
	expired(list: DeadlineList): void;
	/** The next request may come; or, where the visit says so, the connection closes. */
	next(): void;
	destroy(): void;
	/** Ends the connection so that the other end sees that something is missing (RFC 9112 §8). */
	reset(): void;
}

/** What carries a visit's bytes between visitor and tenant: an exchange, or after an upgrade a tunnel. */
export interface Carrier {
	/** True while bytes of the visitor belong to it. */
	readonly wanting: boolean;
	/** Takes bytes[start..end) of the visitor and says where it stopped. */
	take(bytes: Buffer, start: number, end: number): number;
	/** All that was sent to the visitor has left. */
	visitorDrained(): void;
	/** The visitor sends no more. */
	visitorEnded(): void;
	expired(list: DeadlineList): void;
	/** The visitor is gone, or must go: nothing is sent to the tenant any more. */
	abandon(): void;
}

/** `wait`: the stage calls `visit.proceed()` when it can go on. */
export type Step = 'on' | 'wait';

/** Where the stages of proxy/request.ts stand that others come back to. */
export const ACTIVATE = 5;
export const RELEASE = 7;

/** One request on its way through the stages. A connection has one visit, used again for each request. */
export class Visit {
	readonly edge: EdgeContext;
	readonly visitor: VisitorConnection;
	readonly deadline: Deadline;
	/** Goes on with the next stage. */
	readonly proceed: () => void;
	stage: number = RELEASE;
	/** True while a request is under way. */
	busy = false;

	head!: RequestHead;
	/** Routing key: see protocol/edge.ts. */
	key = '';
	tenant: EdgeTenant | undefined;
	admitted = false;
	/** It asks not for the tenant, but how the tenant is. */
	monitoring = false;
	/** The question to the launcher whose answer it waits for. */
	question: object | undefined;
	lease: HeldLease | undefined;
	wake: Wake = 'none';
	carrier: Carrier | undefined;
	/** The request head as the tenant gets it. */
	outgoing = '';
	/** Who asks, as far as that is known: the other end, or whom a trusted proxy names. */
	client = '';
	requestId = '';
	/** The whole of the request was read. */
	requestDone = false;
	/** Whether the visitor's connection outlives the visit. */
	keepAlive = false;
	/** The answer's body ends where the connection closes: cut short, it must not look whole. */
	untilClose = false;
	/** Of the answer; 0 while nothing of it was sent. */
	status = 0;
	/** Of the answer's body, as sent. */
	bytes = 0;
	error: ErrorCode | undefined;

	/** When the event that is being handled began; then when each stage was over; ms of the clock. */
	now = 0;
	startedAt = 0;
	identifiedAt = 0;
	routedAt = 0;
	activatedAt = 0;
	connectedAt = 0;
	answeredAt = 0;

	constructor(edge: EdgeContext, visitor: VisitorConnection, proceed: (visit: Visit) => void) {
		this.edge = edge;
		this.visitor = visitor;
		this.proceed = () => proceed(this);
		this.deadline = new Deadline((list) => this.#expired(list));
	}

	/** Starts on a request whose head is read; its first byte came at `startedAt`. */
	begin(head: RequestHead, startedAt: number, now: number): void {
		this.#clear(head, startedAt, now);
		this.proceed();
	}

	/** Ends before it began: what came is no request. */
	reject(code: ErrorCode, now: number): void {
		this.#clear(NO_HEAD, now, now);
		this.fail(code);
	}

	/** The visitor sends no more. */
	visitorEnded(): void {
		if (this.lease !== undefined) this.carrier?.visitorEnded();
		else if (!this.requestDone) this.abandon('visitor-gone');
	}

	/** The tenant, which every stage behind `route` has. */
	mustHaveTenant(): EdgeTenant {
		if (this.tenant === undefined) throw new Error('a visit without a tenant behind the stage that finds it');
		return this.tenant;
	}

	/** The lease, which every stage behind `activate` has. */
	mustHaveLease(): HeldLease {
		if (this.lease === undefined) throw new Error('a visit without a lease behind the stage that gets it');
		return this.lease;
	}

	/** Ends the visit with an error: answered, if nothing was yet, else shown by the connection's end. `retryAfter` in seconds. */
	refuse(code: ErrorCode, retryAfter?: number): Step {
		this.error = code;
		this.stage = RELEASE;
		if (this.status !== 0) {
			this.keepAlive = false;
			if (this.untilClose) this.visitor.reset();
			else this.visitor.destroy();
		} else {
			const { status, close } = errors[code];
			this.status = status;
			this.keepAlive = this.keepAlive && !close && this.requestDone && !this.edge.draining;
			const [, body] = answers[status] ?? NO_ANSWER;
			if (status !== 499) this.#answer(status, PLAIN, body, retryAfter ?? errors[code].retryAfter);
		}
		return 'on';
	}

	/** Ends the visit with the edge's own 200. */
	answerOk(): Step {
		this.#answerLast(200, PLAIN, answers[200]?.[1] ?? '');
		return 'on';
	}

	/** Ends the visit with that document of JSON, from outside of a stage. */
	report(status: number, body: string): void {
		this.now = this.edge.clock.now();
		this.#answerLast(status, 'application/json', body);
		this.proceed();
	}

	/** The same from outside of a stage. */
	fail(code: ErrorCode, retryAfter?: number): void {
		this.now = this.edge.clock.now();
		this.refuse(code, retryAfter);
		this.proceed();
	}

	/** Ends whatever is under way. A wake that it waits for goes on: others share it. */
	abandon(code: ErrorCode): void {
		this.#leaveQueues();
		this.carrier?.abandon();
		this.fail(code);
	}

	/** Goes on behind `route` (Asker). */
	routed(tenant: EdgeTenant | null): void {
		this.deadline.disarm();
		if (tenant === null) {
			this.fail('unknown-host');
			return;
		}
		this.tenant = tenant;
		this.#resume();
	}

	/** Goes on behind `activate` (Waiter). */
	granted(lease: HeldLease, wake: Wake): void {
		this.deadline.disarm();
		this.lease = lease;
		this.wake = wake;
		this.#resume();
	}

	/** Ends the visit as the launcher said (Waiter). */
	denied(reason: Denial, retryAfter: number): void {
		this.deadline.disarm();
		this.carrier?.abandon();
		this.fail(DENIALS[reason], retryAfter);
	}

	/** The instance is gone and does not have the request: waits for the next one. */
	reactivate(): void {
		const tenant = this.mustHaveTenant();
		if (this.lease !== undefined) this.edge.activation.letGo(tenant, this.lease);
		this.lease = undefined;
		this.stage = ACTIVATE;
		this.#resume();
	}

	/** Waits for nothing any more, neither an answer of the launcher nor a lease. */
	#leaveQueues(): void {
		this.deadline.disarm();
		this.question = undefined;
		if (this.tenant === undefined) this.edge.router.unask(this.key, this);
		else if (this.lease === undefined) this.edge.activation.giveUp(this.tenant, this);
	}

	#clear(head: RequestHead, startedAt: number, now: number): void {
		this.head = head;
		this.stage = 0;
		this.busy = true;
		this.key = '';
		this.tenant = undefined;
		this.admitted = false;
		this.monitoring = false;
		this.lease = undefined;
		this.wake = 'none';
		this.client = this.visitor.client;
		this.requestId = '';
		this.requestDone = head.framing.kind === 'none' || (head.framing.kind === 'length' && head.framing.length === 0);
		this.keepAlive = head.keepAlive;
		this.untilClose = false;
		this.status = 0;
		this.bytes = 0;
		this.error = undefined;
		this.now = now;
		this.startedAt = startedAt;
		this.identifiedAt = this.routedAt = this.activatedAt = this.connectedAt = this.answeredAt = 0;
	}

	#answerLast(status: number, type: string, body: string): void {
		this.stage = RELEASE;
		this.keepAlive = this.keepAlive && this.requestDone && !this.edge.draining;
		this.#answer(status, type, body, undefined);
	}

	#answer(status: number, type: string, body: string, retryAfter: number | undefined): void {
		const [reason] = answers[status] ?? NO_ANSWER;
		this.status = status;
		this.bytes = this.head.method === 'HEAD' ? 0 : body.length;
		this.answeredAt = this.now;
		this.visitor.answer(status, reason, type, body, retryAfter);
	}

	#resume(): void {
		this.now = this.edge.clock.now();
		this.proceed();
	}

	#expired(list: DeadlineList): void {
		if (!this.busy) {
			this.visitor.expired(list);
		} else if (this.lease !== undefined) {
			this.carrier?.expired(list);
		} else {
			this.abandon(this.tenant === undefined || this.monitoring ? 'launcher-away' : 'wake-timeout');
		}
	}
}

const PLAIN = 'text/plain; charset=utf-8';
const NO_ANSWER = ['Error', ''] as const;

/** Stands for a request that could not be read; its body, if there is one, is unread. */
const NO_HEAD: RequestHead = {
	method: '-',
	target: '-',
	minor: 1,
	host: '-',
	nobodys: false,
	fields: [],
	framing: { kind: 'close' },
	keepAlive: false,
	upgrade: undefined,
	expectContinue: false,
	length: 0,
};

const DENIALS = {
	failed: 'wake-failed',
	busy: 'wake-busy',
	timeout: 'wake-timeout',
	unknown: 'no-such-tenant',
} as const satisfies Record<Denial, ErrorCode>;
