import type { Wake } from '../launcher/protocol/edge.ts';
import { Deadline } from './deadlines.ts';
import { Upstream, type UpstreamCount, type UpstreamHolder, type UpstreamUser } from './upstream.ts';

/** Pooled connections idle for longer than this (ms) are closed by us: many servers close theirs after 5 s. */
export const POOL_IDLE = 4000;

/** A connection idle for longer than this (ms) may be dead: no request goes out on it that could not be repeated. */
const SURELY_ALIVE = 1000;

/** This worker's right to have connections to one instance, and those connections. */
export class HeldLease implements UpstreamHolder {
	readonly id: number;
	readonly instance: number;
	/** Where the instance answers. */
	readonly port: number;
	/** How the instance was made able to answer, and how long the launcher took. */
	readonly wake: Wake;
	readonly waited: number;
	/** Visits that go by it. */
	uses = 0;
	/** When the last of them ended. */
	lastUse = 0;
	/** When the launcher was last asked why the instance says nothing. */
	askedAt: number = Number.NEGATIVE_INFINITY;
	/** True: finish what runs, take nothing new. */
	revoked = false;
	/** True: released, or its instance is gone. */
	over = false;
	/** Armed while nobody uses it. */
	readonly linger: Deadline;
	/** Idle connections, the last used one last. */
	readonly #pool: Upstream[] = [];
	readonly #connections = new Set<Upstream>();
	readonly #count: UpstreamCount;

	constructor(
		id: number,
		instance: number,
		port: number,
		wake: Wake,
		waited: number,
		count: UpstreamCount,
		lingered: (lease: HeldLease) => void,
	) {
		this.#count = count;
		this.id = id;
		this.instance = instance;
		this.port = port;
		this.wake = wake;
		this.waited = waited;
		this.linger = new Deadline(() => lingered(this));
	}

	/** The pooled connection used last; undefined where there is none that this request may go out on. */
	take(user: UpstreamUser, now: number, repeatable: boolean): Upstream | undefined {
		for (;;) {
			const upstream = this.#pool.at(-1);
			if (upstream === undefined || (!repeatable && now - upstream.idleSince > SURELY_ALIVE)) return undefined;
			this.#pool.pop();
			if (upstream.usable && now - upstream.idleSince <= POOL_IDLE) {
				upstream.user = user;
				return upstream;
			}
			upstream.destroy();
		}
	}

	/** Puts a connection that carried a whole request and its whole answer back. */
	give(upstream: Upstream, now: number): void {
		upstream.user = undefined;
		upstream.used = true;
		upstream.idleSince = now;
		if (this.over || !upstream.usable) {
			upstream.destroy();
			return;
		}
		this.#pool.push(upstream);
		while (this.#pool[0] !== undefined && now - this.#pool[0].idleSince > POOL_IDLE) this.#pool.shift()?.destroy();
	}

	open(address: string, user: UpstreamUser): Upstream {
		const upstream = new Upstream(address, this.port, user, this, this.#count);
		this.#connections.add(upstream);
		return upstream;
	}

	/** Takes over a connection that was made ahead, for the first who needs one. */
	takeAhead(upstream: Upstream, now: number): void {
		this.adopt(upstream);
		upstream.idleSince = now;
		if (upstream.usable) this.#pool.push(upstream);
		else upstream.destroy();
	}

	/** Takes over a connection that outlived the instance of another lease, in the queue of the socket that they share. */
	adopt(upstream: Upstream): void {
		upstream.holder.drop(upstream);
		upstream.holder = this;
		this.#connections.add(upstream);
	}

	drop(upstream: Upstream): void {
		this.#connections.delete(upstream);
		if (upstream.user !== undefined) return;
		const at = this.#pool.indexOf(upstream);
		if (at !== -1) this.#pool.splice(at, 1);
	}

	/** Closes every idle connection. */
	empty(): void {
		for (const upstream of this.#pool.splice(0)) upstream.destroy();
	}

	/** The connections that carry something. */
	*busy(): Generator<Upstream> {
		for (const upstream of this.#connections) if (upstream.user !== undefined) yield upstream;
	}
}
