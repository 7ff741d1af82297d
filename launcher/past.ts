import type { Tenant } from '../tenants/tenant.ts';
import { Backoff } from './backoff.ts';
import type { FailedEnd } from './failure.ts';
import type { Knocker } from './knocks.ts';

/** What the launcher remembers of a tenant while no supervisor is there for it; lost when the launcher ends. Times as the clock's now. */
export class Past {
	/** Since when it is asleep, while it is. */
	since: number;
	/** How often it became ready. */
	wakes = 0;
	/** How its last first process ended, as wait(2) says it (`exit:N`, `signal:N`), or why there was none. */
	lastExit: string | undefined;
	/** How the last instance failed; undefined where it did not, or is ready since. */
	lastFailure: FailedEnd | undefined;
	lastWake: { readonly at: number; readonly by: Knocker; readonly ms: number } | undefined;
	/** An operator stopped it: `keep: always` starts it no more until somebody knocks or its file changes. */
	heldDown = false;
	/** An instance that was started beside another failed: none is any more, until its file changes. */
	alone = false;
	readonly backoff: Backoff = new Backoff();
	readonly #name: string;
	readonly #file: string;

	constructor({ name, file }: Tenant, since: number) {
		this.#name = name;
		this.#file = file;
		this.since = since;
	}

	/** False where another name or file has the id by now: another tenant. */
	isOf({ name, file }: Tenant): boolean {
		return this.#name === name && this.#file === file;
	}
}
