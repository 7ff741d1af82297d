import type { Tenant } from '../tenants/tenant.ts';
import type { StopCause } from './announcement.ts';
import type { FailedEnd } from './failure.ts';
import type { Knocker } from './knocks.ts';
import type { State } from './lifecycle.ts';

/** All that is known of a tenant at one moment, for `ps`, `status` and `explain`. Times as the clock's now (ms since the epoch). */
export interface Facts {
	readonly tenant: Tenant;
	readonly state: State;
	/** When it came into its state. */
	readonly since: number;
	/** How often it became ready since the launcher was started. */
	readonly wakes: number;
	readonly lastExit: string | undefined;
	/** How the last instance failed; undefined where it did not. */
	readonly lastFailure: FailedEnd | undefined;
	readonly lastWake: { readonly at: number; readonly by: Knocker; readonly ms: number } | undefined;
	/** An operator stopped it: `keep: always` does not start it. */
	readonly heldDown: boolean;
	readonly instance: InstanceFacts | undefined;
	/** Edge workers with a lease. */
	readonly leases: number;
	/** False while an edge worker has not repeated its leases after a restart of the launcher. */
	readonly leasesComplete: boolean;
	/** Knocks without an answer. */
	readonly waiting: number;
	/** Starts before its own in the queue. */
	readonly ahead: number | undefined;
	/** When the state ends by its own timer. */
	readonly timerDue: number | undefined;
	/** When the reaper puts it to sleep. */
	readonly reapDue: number | undefined;
}

export interface InstanceFacts {
	readonly number: number;
	/** Of its first process, once there is one. */
	readonly pid: number | undefined;
	/** Its own words by STATUS= (sd_notify(3)). */
	readonly says: string | undefined;
	/** True where it was launched before the launcher was restarted. */
	readonly adopted: boolean;
	readonly stopCause: StopCause | undefined;
	/** True where its file changed so that only a new start takes it in. */
	readonly outdated: boolean;
}
