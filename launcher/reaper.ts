import type { Tenant } from '../tenants/tenant.ts';
import type { Clock } from './clock.ts';
import type { Driver } from './driver.ts';
import type { Appointment, Wheel } from './wheel.ts';

/** Its idle time is over, or another tenant needs its place. */
export type ReapCause = 'idle' | 'room';

/** An instance that nobody has a lease on. */
export interface Sleeper {
	readonly tenant: Tenant;
	/** It has been idle for `idle` ms and is put to sleep. */
	reap(idle: number, cause: ReapCause): void;
	/** Its visitors, who pass us by, have kept it awake for all its idle time: it is to see whether it still accepts them. */
	keptAwake(): void;
}

interface Watch {
	/** As the clock's now. */
	readonly lastUse: number;
	readonly due: number;
	appointment: Appointment;
}

/** Puts to sleep what nobody has used for the tenant's idle time. It holds those alone that may be put to sleep. */
export class Reaper {
	readonly #wheel: Wheel;
	readonly #clock: Clock;
	readonly #driver: Pick<Driver, 'idleOutside'>;
	/** In the order in which they fell idle. */
	readonly #watches = new Map<Sleeper, Watch>();

	constructor(wheel: Wheel, clock: Clock, driver: Pick<Driver, 'idleOutside'>) {
		this.#wheel = wheel;
		this.#clock = clock;
		this.#driver = driver;
	}

	/** Nobody uses it, and nobody has since `lastUse` (as the clock's now). */
	mind(sleeper: Sleeper, lastUse: number): void {
		this.unmind(sleeper);
		const { idle, keep } = sleeper.tenant;
		if (idle.stop === undefined || keep === 'always') return;
		const due = lastUse + idle.stop;
		this.#watches.set(sleeper, { lastUse, due, appointment: this.#wheel.set(due, () => this.#fallDue(sleeper)) });
	}

	/** Somebody uses it, or it is not there any more. */
	unmind(sleeper: Sleeper): void {
		const watch = this.#watches.get(sleeper);
		if (watch === undefined) return;
		this.#watches.delete(sleeper);
		this.#wheel.cancel(watch.appointment);
	}

	/** When its idle time is over, as the clock's now; undefined where nothing will reap it. */
	dueAt(sleeper: Sleeper): number | undefined {
		return this.#watches.get(sleeper)?.due;
	}

	/** Puts the one that has been idle longest to sleep; false where none is idle. Whose visitors pass us by, cannot be told at once. */
	reapLongestIdle(): boolean {
		for (const [sleeper, { lastUse }] of this.#watches) {
			if (isVisitedOutside(sleeper.tenant)) continue;
			this.#reap(sleeper, lastUse, 'room');
			return true;
		}
		return false;
	}

	#fallDue(sleeper: Sleeper): void {
		const watch = this.#watches.get(sleeper);
		if (watch === undefined) return;
		if (isVisitedOutside(sleeper.tenant)) void this.#askOutside(sleeper, watch);
		else this.#reap(sleeper, watch.lastUse, 'idle');
	}

	/** Whatever happens to the sleeper meanwhile takes this watch away, and the answer with it. */
	async #askOutside(sleeper: Sleeper, watch: Watch): Promise<void> {
		// Not to be told counts as use: a tenant awake for too long costs less than one that is cut off.
		const idle = await this.#driver.idleOutside(sleeper.tenant).catch(() => 0);
		if (this.#watches.get(sleeper) !== watch) return;
		const lastUse = Math.max(watch.lastUse, this.#clock.now() - (idle ?? Number.POSITIVE_INFINITY));
		if (lastUse <= watch.lastUse) return this.#reap(sleeper, lastUse, 'idle');
		this.mind(sleeper, lastUse);
		sleeper.keptAwake();
	}

	#reap(sleeper: Sleeper, lastUse: number, cause: ReapCause): void {
		this.unmind(sleeper);
		sleeper.reap(this.#clock.now() - lastUse, cause);
	}
}

/** True where visitors reach the tenant without passing the edge, so that leases do not tell its use. */
export function isVisitedOutside(tenant: Tenant): boolean {
	return tenant.addresses.some((address) => address.kind === 'tcp');
}
