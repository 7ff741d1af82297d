import type { Socket } from 'node:net';
import {
	type Denial,
	EDGE_PROTOCOL,
	type EdgeMessage,
	type EdgeSettings,
	type LauncherToEdgeMessage,
	type Lease,
	MOST_A_MESSAGE,
	type TenantState,
	type TenantView,
	type Wake,
} from './protocol/edge.ts';
import { readLines, writeLine } from './protocol/lines.ts';

/** What the launcher tells an edge worker; ids, instances and units as in protocol/edge.ts. */
export interface LeaseListener {
	/** The launcher is there, or there again: whatever it said before may have changed. */
	welcomed(settings: EdgeSettings): void;
	settingsChanged(settings: EdgeSettings): void;
	starting(id: number, port: number): void;
	granted(id: number, instance: number, port: number, wake: Wake, waited: number): void;
	denied(id: number, reason: Denial, retryAfter: number): void;
	revoked(id: number, instance: number): void;
	deafened(id: number, instance: number): void;
	gone(id: number, instance: number): void;
	forgotten(keys: readonly string[]): void;
	/** Visitors' connections by tenant id. */
	counted(): Record<string, number>;
	/** `deadline` in ms from now. */
	drained(deadline: number): void;
	/** The launcher speaks another version of the protocol: this worker is of no use any more. */
	strange(protocol: number): void;
}

export interface LeaseClientOptions {
	readonly worker: number;
	readonly pid: number;
	/** Begins a connection to edge.sock. */
	readonly connect: () => Socket;
	/** Calls `then` once, `ms` from now. */
	readonly after: (ms: number, then: () => void) => unknown;
	readonly listener: LeaseListener;
}

/** The waits between attempts to reach the launcher, in ms: the first and the longest. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 500;

/** More of a key is not told, in characters: no host is so long (RFC 1035 §2.3.4). */
const LONGEST_KEY = 300;
/** More of what a visitor asked for is not told, in characters: it is for people to read. */
const LONGEST_REQUEST = 300;

/** So many may wait to hear how a tenant is. */
const MOST_STATES = 1000;

/**
 * An edge worker's end of edge.sock. It outlives launchers: what is pending when one dies is asked of the next one, and the
 * leases held are repeated to it.
 */
export class LeaseClient {
	readonly #options: LeaseClientOptions;
	readonly #held: Lease[] = [];
	readonly #resolves = new Map<number, { key: string; then: (tenant: TenantView | null) => void }>();
	readonly #states = new Map<number, { id: number; then: (state: TenantState | null) => void }>();
	readonly #acquires = new Map<number, EdgeMessage & { type: 'acquire' }>();
	#socket: Socket | undefined;
	#seq = 0;
	#wait = FIRST_WAIT;
	#closed = false;

	constructor(options: LeaseClientOptions) {
		this.#options = options;
		this.#connect();
	}

	/** Asks whose host or address that key is; `then` gets null where it is nobody's. Waits while there is no launcher. */
	resolve(wanted: string, then: (tenant: TenantView | null) => void): void {
		const seq = ++this.#seq;
		const key = wanted.slice(0, LONGEST_KEY);
		this.#resolves.set(seq, { key, then });
		this.#tell({ type: 'resolve', seq, key });
	}

	/** Asks how a tenant is, which wakes nobody; `then` gets null where there is none. Waits while there is no launcher. False: too many wait. */
	state(id: number, then: (state: TenantState | null) => void): boolean {
		if (this.#states.size >= MOST_STATES) return false;
		const seq = ++this.#seq;
		this.#states.set(seq, { id, then });
		this.#tell({ type: 'state', seq, id });
		return true;
	}

	/** Asks for a lease; the listener's granted or denied follows. Joins what is already asked for; takes the place of what was asked for another name. */
	acquire(id: number, name: string, visitor: { address: string; request: string }): void {
		if (this.#acquires.get(id)?.name === name) return;
		const { address, request } = visitor;
		const bounded = request.length > LONGEST_REQUEST ? `${request.slice(0, LONGEST_REQUEST)}…` : request;
		const message = { type: 'acquire', seq: ++this.#seq, id, name, visitor: { address, request: bounded } } as const;
		this.#acquires.set(id, message);
		this.#tell(message);
	}

	/** Gives a lease back: every connection to that instance is closed by now. `idle`: ms since its last use. */
	release(id: number, instance: number, idle: number): void {
		if (this.#forget(id, instance)) this.#tell({ type: 'release', id, instance, idle });
	}

	/** The instance refused a connection although we hold a lease. */
	refused(id: number, instance: number): void {
		this.#tell({ type: 'refused', id, instance });
	}

	/** A request on a new connection to the instance, which we hold a lease on, was not answered for a while. */
	silent(id: number, instance: number): void {
		this.#tell({ type: 'silent', id, instance });
	}

	/** Ends the connection for good; leases that are still held end with it. */
	close(): void {
		this.#closed = true;
		this.#socket?.destroy();
	}

	#connect(): void {
		const { worker, pid, connect } = this.#options;
		const socket = connect();
		this.#socket = socket;
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#again());
		readLines(socket, (line) => this.#take(line as LauncherToEdgeMessage));
		for (const [at, { piece: leases, more }] of pieces(this.#held).entries()) {
			if (at === 0) this.#tell({ type: 'hello', protocol: EDGE_PROTOCOL, worker, pid, leases, ...more });
			else this.#tell({ type: 'leases', leases, ...more });
		}
		for (const [seq, { key }] of this.#resolves) this.#tell({ type: 'resolve', seq, key });
		for (const [seq, { id }] of this.#states) this.#tell({ type: 'state', seq, id });
		for (const message of this.#acquires.values()) this.#tell(message);
	}

	#again(): void {
		this.#socket = undefined;
		if (this.#closed) return;
		this.#options.after(this.#wait, () => {
			if (!this.#closed) this.#connect();
		});
		this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
	}

	#tell(message: EdgeMessage): void {
		if (this.#socket?.writable) writeLine(this.#socket, message);
	}

	#take(message: LauncherToEdgeMessage): void {
		const { listener } = this.#options;
		switch (message.type) {
			case 'welcome':
				this.#wait = FIRST_WAIT;
				if (message.protocol === EDGE_PROTOCOL) listener.welcomed(message.settings);
				else listener.strange(message.protocol);
				break;
			case 'settings':
				listener.settingsChanged(message.settings);
				break;
			case 'resolved': {
				const pending = this.#resolves.get(message.seq);
				this.#resolves.delete(message.seq);
				pending?.then(message.tenant);
				break;
			}
			case 'stated': {
				const pending = this.#states.get(message.seq);
				this.#states.delete(message.seq);
				pending?.then(message.tenant);
				break;
			}
			case 'starting':
				listener.starting(message.id, message.port);
				break;
			case 'granted':
				if (!this.#isAnswer(message)) {
					this.#tell({ type: 'release', id: message.id, instance: message.instance, idle: 0 });
					break;
				}
				this.#acquires.delete(message.id);
				if (!this.#holds(message.id, message.instance)) this.#held.push({ id: message.id, instance: message.instance });
				listener.granted(message.id, message.instance, message.port, message.wake, message.waited);
				break;
			case 'denied':
				if (this.#isAnswer(message) && this.#acquires.delete(message.id))
					listener.denied(message.id, message.reason, message.retryAfter);
				break;
			case 'revoke':
				listener.revoked(message.id, message.instance);
				break;
			case 'deaf':
				listener.deafened(message.id, message.instance);
				break;
			case 'gone':
				this.#forget(message.id, message.instance);
				listener.gone(message.id, message.instance);
				break;
			case 'forget':
				listener.forgotten(message.keys);
				break;
			case 'count':
				for (const { piece, more } of pieces(Object.entries(listener.counted())))
					this.#tell({ type: 'counted', seq: message.seq, connections: Object.fromEntries(piece), ...more });
				break;
			case 'drain':
				listener.drained(message.deadline);
				break;
			default:
				message satisfies never;
		}
	}

	/** False where it is the answer to what was asked for the tenant that had the id before. */
	#isAnswer({ id, seq }: { readonly id: number; readonly seq: number }): boolean {
		const asked = this.#acquires.get(id);
		return asked === undefined || asked.seq === seq;
	}

	#holds(id: number, instance: number): boolean {
		return this.#held.some((lease) => lease.id === id && lease.instance === instance);
	}

	#forget(id: number, instance: number): boolean {
		const at = this.#held.findIndex((lease) => lease.id === id && lease.instance === instance);
		if (at !== -1) this.#held.splice(at, 1);
		return at !== -1;
	}
}

/** One at least; `more` is said of all but the last. */
function pieces<T>(all: readonly T[]): { readonly piece: readonly T[]; readonly more?: { readonly more: true } }[] {
	const count = Math.max(1, Math.ceil(all.length / MOST_A_MESSAGE));
	return Array.from({ length: count }, (_, at) => ({
		piece: all.slice(at * MOST_A_MESSAGE, (at + 1) * MOST_A_MESSAGE),
		...(at < count - 1 && { more: { more: true } }),
	}));
}
