import type { Denial, Wake } from '../launcher/protocol/edge.ts';
import type { Admission } from './admission.ts';
import type { Clock } from './clock.ts';
import type { Deadlines } from './deadlines.ts';
import type { ErrorCode } from './errors.ts';
import { HeldLease } from './lease.ts';
import type { EdgeTenant, Waiter } from './tenant.ts';
import { Upstream, type UpstreamCount, type UpstreamUser } from './upstream.ts';

/**
 * How long (ms) after the word of an instance's death what it had sent is still read: the word may overtake it, but all of it
 * is in our sockets by then.
 */
const LAST_WORDS = 10;

/** What the activation asks of the launcher. */
export interface Landlord {
	acquire(id: number, name: string, visitor: { address: string; request: string }): void;
	release(id: number, instance: number, idle: number): void;
}

/** The leases of this worker: acquired for the first who needs one, joined by the others, given back a while after the last. */
export class Activation {
	readonly #clock: Clock;
	readonly #deadlines: Deadlines;
	readonly #admission: Admission;
	readonly #landlord: Landlord;
	/** Tells that nobody uses the tenant at the moment. */
	readonly #settle: (tenant: EdgeTenant) => void;
	readonly #byId: (id: number) => EdgeTenant | undefined;
	readonly #tenants: () => Iterable<EdgeTenant>;
	/** Connections to instances; beyond `mostConnections` the idle ones are closed before another one is made. */
	mostConnections: number = Number.POSITIVE_INFINITY;
	readonly #connections: UpstreamCount = { open: 0 };
	/** Leases that are revoked but still in use. */
	readonly #ending = new Set<HeldLease>();

	constructor(collaborators: {
		clock: Clock;
		deadlines: Deadlines;
		admission: Admission;
		landlord: Landlord;
		settle: (tenant: EdgeTenant) => void;
		byId: (id: number) => EdgeTenant | undefined;
		tenants: () => Iterable<EdgeTenant>;
	}) {
		this.#clock = collaborators.clock;
		this.#deadlines = collaborators.deadlines;
		this.#admission = collaborators.admission;
		this.#landlord = collaborators.landlord;
		this.#settle = collaborators.settle;
		this.#byId = collaborators.byId;
		this.#tenants = collaborators.tenants;
	}

	/** The lease that a request may go by at once, counted as in use from now on. */
	use(tenant: EdgeTenant): HeldLease | undefined {
		const { lease } = tenant;
		if (lease === undefined) return undefined;
		lease.uses++;
		lease.linger.disarm();
		return lease;
	}

	/** Puts a waiter behind the others; `granted` or `denied` follows, unless the queue is full. */
	wait(tenant: EdgeTenant, waiter: Waiter, address: string, request: string): ErrorCode | undefined {
		const refusal = this.#admission.wait(tenant);
		if (refusal !== undefined) return refusal;
		tenant.waiting.add(waiter);
		if (!tenant.acquiring) {
			tenant.acquiring = true;
			this.#landlord.acquire(tenant.view.id, tenant.view.name, { address, request });
		}
		return undefined;
	}

	/** The waiter does not wait any longer. The wake goes on: others share it. */
	giveUp(tenant: EdgeTenant, waiter: Waiter): void {
		if (tenant.waiting.delete(waiter)) this.#admission.called();
	}

	/** One use of the lease is over. */
	letGo(tenant: EdgeTenant, lease: HeldLease): void {
		lease.uses--;
		lease.lastUse = this.#clock.now();
		if (lease.uses > 0 || lease.over) return;
		if (lease.revoked) this.#release(lease);
		else this.#deadlines.lasting(tenant.view.linger).arm(lease.linger, lease.lastUse);
	}

	/** An instance is being started for those who wait: connects ahead, where it will answer on that port. */
	starting(id: number, port: number): void {
		const tenant = this.#byId(id);
		if (tenant === undefined || tenant.waiting.size === 0) return;
		tenant.ahead?.destroy();
		const holder = {
			drop: (lost: Upstream) => {
				if (tenant.ahead === lost) tenant.ahead = undefined;
			},
		};
		tenant.ahead = new Upstream(tenant.view.address, port, undefined, holder, this.#connections);
	}

	/** A new connection of the lease, for a request that found no idle one. */
	open(lease: HeldLease, address: string, user: UpstreamUser): Upstream {
		if (this.#connections.open >= this.mostConnections) {
			for (const tenant of this.#tenants()) tenant.lease?.empty();
		}
		return lease.open(address, user);
	}

	/** `waited` is what the launcher took. A lease that nobody waits for any more lingers and goes back. */
	granted(id: number, instance: number, port: number, wake: Wake, waited: number): void {
		const tenant = this.#byId(id);
		if (tenant === undefined) {
			this.#landlord.release(id, instance, 0);
			return;
		}
		tenant.acquiring = false;
		if (tenant.lease?.instance !== instance) {
			if (tenant.lease !== undefined) this.revoked(id, tenant.lease.instance);
			tenant.lease =
				this.#recover(id, instance) ??
				new HeldLease(id, instance, port, wake, waited, this.#connections, (lease) => this.#lingered(lease));
		}
		const { lease } = tenant;
		this.#useAhead(tenant, lease);
		// One use of our own, so that the lease cannot end while the waiters are called.
		this.use(tenant);
		for (const waiter of [...tenant.waiting]) {
			if (!tenant.waiting.delete(waiter)) continue;
			this.#admission.called();
			lease.uses++;
			waiter.granted(lease, wake);
		}
		this.letGo(tenant, lease);
	}

	/** `retryAfter` in seconds. */
	denied(id: number, reason: Denial, retryAfter: number): void {
		const tenant = this.#byId(id);
		if (tenant === undefined) return;
		tenant.acquiring = false;
		tenant.ahead?.destroy();
		for (const waiter of [...tenant.waiting]) {
			if (!tenant.waiting.delete(waiter)) continue;
			this.#admission.called();
			waiter.denied(reason, retryAfter);
		}
		this.#settle(tenant);
	}

	/** Another tenant has its id: who waits is told that it is not there any more, and its lease goes back behind what runs. */
	leave(tenant: EdgeTenant): void {
		if (tenant.lease !== undefined) this.revoked(tenant.view.id, tenant.lease.instance);
		this.denied(tenant.view.id, 'unknown', 1);
	}

	/** Takes nothing new on the instance; the lease goes back behind what runs. */
	revoked(id: number, instance: number): void {
		const tenant = this.#byId(id);
		const lease = tenant?.lease;
		if (tenant === undefined || lease?.instance !== instance) return;
		tenant.lease = undefined;
		lease.revoked = true;
		lease.linger.disarm();
		lease.empty();
		if (lease.uses === 0) this.#release(lease);
		else this.#ending.add(lease);
		this.#settle(tenant);
	}

	/** The instance accepts nobody any more: as revoked, and who was never heard waits for the next one. */
	deafened(id: number, instance: number): void {
		const lease = this.#leaseOn(id, instance);
		this.revoked(id, instance);
		if (lease === undefined) return;
		for (const upstream of [...lease.busy()]) upstream.user?.instanceDeaf();
	}

	/** The instance is dead. Those who use it hear of it once they have read its last words. */
	gone(id: number, instance: number): void {
		const tenant = this.#byId(id);
		let lease: HeldLease | undefined;
		if (tenant?.lease?.instance === instance) {
			lease = tenant.lease;
			tenant.lease = undefined;
			this.#settle(tenant);
		} else {
			lease = [...this.#ending].find((ending) => ending.id === id && ending.instance === instance);
		}
		if (lease === undefined) return;
		const dead = lease;
		this.#end(dead);
		this.#clock.after(LAST_WORDS, () => {
			for (const upstream of [...dead.busy()]) upstream.user?.instanceGone();
		});
	}

	/** Gives every lease back that nobody uses: the worker retires. */
	releaseIdle(tenants: Iterable<EdgeTenant>): void {
		for (const tenant of [...tenants]) {
			if (tenant.lease !== undefined) this.revoked(tenant.view.id, tenant.lease.instance);
		}
	}

	/** A restarted launcher may grant what the one before it revoked: to it, all of ours on one instance is one lease. */
	#recover(id: number, instance: number): HeldLease | undefined {
		const lease = this.#leaseOn(id, instance);
		if (lease === undefined) return undefined;
		this.#ending.delete(lease);
		lease.revoked = false;
		return lease;
	}

	#leaseOn(id: number, instance: number): HeldLease | undefined {
		const lease = this.#byId(id)?.lease;
		if (lease?.instance === instance) return lease;
		return [...this.#ending].find((ending) => ending.id === id && ending.instance === instance);
	}

	/** Where nobody waits any more it is closed: a program that serves one connection at a time would wait for it. */
	#useAhead(tenant: EdgeTenant, lease: HeldLease): void {
		const { ahead } = tenant;
		tenant.ahead = undefined;
		if (ahead === undefined) return;
		if (tenant.waiting.size > 0 && ahead.port === lease.port) lease.takeAhead(ahead, this.#clock.now());
		else ahead.destroy();
	}

	#lingered(lease: HeldLease): void {
		const tenant = this.#byId(lease.id);
		if (tenant?.lease === lease) tenant.lease = undefined;
		this.#release(lease);
		if (tenant !== undefined) this.#settle(tenant);
	}

	#release(lease: HeldLease): void {
		this.#end(lease);
		this.#landlord.release(lease.id, lease.instance, Math.round(this.#clock.now() - lease.lastUse));
	}

	#end(lease: HeldLease): void {
		lease.over = true;
		lease.linger.disarm();
		lease.empty();
		this.#ending.delete(lease);
	}
}
