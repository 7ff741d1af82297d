import type { ErrorCode } from './errors.ts';
import type { EdgeTenant } from './tenant.ts';

/** Counts who is inside, and bounds it: a tenant's visitors, and those of all tenants who wait for a wake. */
export class Admission {
	/** Visitors of all tenants that may wait for a wake. */
	queue: number;
	#waiting = 0;

	constructor(queue: number) {
		this.queue = queue;
	}

	/** Lets one more visitor of the tenant in, to be followed by one `leave`; or says why not. */
	enter(tenant: EdgeTenant): ErrorCode | undefined {
		if (tenant.visitors >= tenant.view.connections) return 'too-many-visitors';
		tenant.visitors++;
		return undefined;
	}

	leave(tenant: EdgeTenant): void {
		tenant.visitors--;
	}

	/** Lets one more visitor wait for the tenant's wake, to be followed by one `called`; or says why not. */
	wait(tenant: EdgeTenant): ErrorCode | undefined {
		if (tenant.waiting.size >= tenant.view.queue || this.#waiting >= this.queue) return 'queue-full';
		this.#waiting++;
		return undefined;
	}

	called(): void {
		this.#waiting--;
	}
}
