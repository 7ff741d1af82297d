import type { Announcement } from './announcement.ts';
import type { Clock } from './clock.ts';
import type { Driver } from './driver.ts';
import type { Leases } from './leases.ts';
import type { Prober } from './readiness.ts';
import type { Reaper } from './reaper.ts';
import type { Starts } from './starts.ts';

/** What tells the edges about instances that they have leases on, or wait for. */
export interface Edges {
	/** The instance is dead; its leases are void. */
	gone(id: number, instance: number): void;
	/** An instance is being started for the worker's visitor; its socket takes connections on that port of the hall already. */
	starting(worker: number, id: number, port: number): void;
	/** The instance is to stop: its leases are wanted back. */
	revoke(id: number, instance: number): void;
	/** As revoke, of one that accepts nobody any more: who was not accepted yet waits for the next instance. */
	deaf(id: number, instance: number): void;
}

/** What all supervisors share. */
export interface Shared {
	readonly clock: Clock;
	readonly driver: Driver;
	readonly prober: Prober;
	readonly edges: Edges;
	readonly starts: Starts;
	readonly reaper: Reaper;
	readonly leases: Leases;
	/** A number that no instance of this server has had. */
	readonly nextInstance: () => number;
	readonly announce: (announcement: Announcement) => void;
}

/** Where a supervisor stands among those of its VPS id (Succession). */
export interface Standing {
	/** True where there is another one, whose instance may live. */
	readonly hasOther: () => boolean;
	/** True while an instance of another tenant, which had the id, is left: nothing is started before `proceed` is called. */
	readonly mustWait: () => boolean;
	/** Nothing of its instance is left; true where another one takes the place, and who waits, over. */
	readonly relieved: () => boolean;
	/** Its instance could not be started; true where another one goes on, which has who waited. */
	readonly yields: () => boolean;
	/** The supervisor is stopped and nobody waits: it can be dropped. */
	readonly atRest: () => void;
}

export type Surroundings = Shared & Standing;
