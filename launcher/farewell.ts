import type { Tenant } from '../tenants/tenant.ts';
import type { Clock } from './clock.ts';
import type { Driver } from './driver.ts';
import { isVisitedOutside } from './reaper.ts';

/** How long between two looks at the connections of a draining instance, in ms. */
const PAUSE = 200;

/** Watches the visitors who do not pass the edge, so that no lease tells of them, while an instance drains. */
export class Farewell {
	readonly #clock: Clock;
	readonly #driver: Pick<Driver, 'busyOutside'>;
	/** Some may be there still. */
	#waiting = false;
	#cancel = (): void => {};

	constructor(clock: Clock, driver: Pick<Driver, 'busyOutside'>) {
		this.#clock = clock;
		this.#driver = driver;
	}

	/** True where no such visitor is known to be left. */
	get over(): boolean {
		return !this.#waiting;
	}

	/** Calls `left` when the last one has left; where the tenant has no such visitors it is over at once, and nobody is called. */
	begin(tenant: Tenant, left: () => void): void {
		this.end();
		if (!isVisitedOutside(tenant)) return;
		this.#waiting = true;
		let current = true;
		let stop = (): void => {};
		this.#cancel = () => {
			current = false;
			stop();
		};
		const look = async (): Promise<void> => {
			// Not to be told counts as being there: the drain's deadline ends the wait.
			const busy = await this.#driver.busyOutside(tenant).catch(() => true);
			if (!current) return;
			if (busy) {
				stop = this.#clock.after(PAUSE, () => void look());
				return;
			}
			this.#waiting = false;
			left();
		};
		void look();
	}

	/** Nobody waits for the last one any more. */
	end(): void {
		this.#cancel();
		this.#cancel = () => {};
		this.#waiting = false;
	}
}
