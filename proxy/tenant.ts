import type { Denial, TenantView, Wake } from '../launcher/protocol/edge.ts';
import type { HeldLease } from './lease.ts';
import type { Upstream } from './upstream.ts';

/** Who waits for a lease. */
export interface Waiter {
	granted(lease: HeldLease, wake: Wake): void;
	/** `retryAfter` in seconds. */
	denied(reason: Denial, retryAfter: number): void;
}

/** What this worker knows of one tenant, and counts of it. */
export class EdgeTenant {
	view: TenantView;
	/** Requests and tunnels that were admitted and are not over. */
	visitors = 0;
	/** Those that wait for a lease, the first come first. */
	readonly waiting: Set<Waiter> = new Set();
	/** By which the next request goes; undefined where one must be acquired first. */
	lease: HeldLease | undefined;
	/** A connection to the instance that is being started; it carries nothing before the lease is there. */
	ahead: Upstream | undefined;
	/** True while the launcher is asked for a lease. */
	acquiring = false;
	/** Keys of the route cache that lead here. */
	routes = 0;

	constructor(view: TenantView) {
		this.view = view;
	}

	/** True where nothing would be lost by forgetting it. */
	get idle(): boolean {
		return this.routes === 0 && this.visitors === 0 && this.lease === undefined && !this.acquiring;
	}
}
