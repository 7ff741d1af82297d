import type { ErrorCode } from './errors.ts';
import type { EdgeTenant } from './tenant.ts';

/**
 * Counts who is inside, and bounds it by what the tenant's file says, and those of all tenants who wait for a wake by the
 * config. Nobody else is refused here: the worker has room for whom it has accepted.
 */
export class Admission {
	/** Visitors of all tenants that may wait for a wake. */
	queue: number;
	#waiting = 0;

	constructor(queue: number) {
		this.queue = queue;
	}

	/** Lets one more visitor of the tenant in, to be followed by one `leave`; or says why not. */
	enter(tenant: EdgeTenant): ErrorCode | undefined {
		if (tenant.visitors >= (tenant.view.connections ?? Number.POSITIVE_INFINITY)) return 'too-many-visitors';
		tenant.visitors++;
		return undefined;
	}

	leave(tenant: EdgeTenant): void {
		tenant.visitors--;
	}

	/** Lets one more visitor wait for the tenant's wake, to be followed by one `called`; or says why not. */
	wait(tenant: EdgeTenant): ErrorCode | undefined {
		const most = Math.min(
			this.queue - this.#waiting,
			(tenant.view.queue ?? Number.POSITIVE_INFINITY) - tenant.waiting.size,
		);
		if (most <= 0) return 'queue-full';
		this.#waiting++;
		return undefined;
	}

	called(): void {
		this.#waiting--;
	}
}
