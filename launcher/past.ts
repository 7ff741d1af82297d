import { Backoff } from './backoff.ts';
import type { FailedEnd } from './failure.ts';
import type { Knocker } from './knocks.ts';

/** What the launcher remembers of a tenant while no supervisor is there for it; lost when the launcher ends. Times as the clock's now. */
export class Past {
	/** When it came into the state that it is in. */
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
	readonly backoff: Backoff = new Backoff();

	constructor(since: number) {
		this.since = since;
	}
}
