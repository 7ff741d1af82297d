import { activate } from './activate.ts';
import { admit } from './admit.ts';
import { forward } from './forward.ts';
import { identify } from './identify.ts';
import { log } from './log.ts';
import { monitor } from './monitor.ts';
import { policy } from './policy.ts';
import { release } from './release.ts';
import { route } from './route.ts';
import type { Step, Visit } from './visit.ts';

/**
 * The life of a request, in order; each stage is one function in the file of its name. In front of them a listener accepts
 * (listener.ts) and a visitor's connection reads the head (visitor.ts). A stage that cannot go on says `wait`, and what it
 * waits for calls `visit.proceed()`. A refused visit goes on at `release`.
 */
const stages: readonly ((visit: Visit) => Step)[] = [
	identify,
	route,
	policy,
	monitor,
	admit,
	activate, // visit.ts: ACTIVATE
	forward,
	release, // visit.ts: RELEASE
	log,
];

/** Takes a visit through its stages as far as it gets, and behind the last one to the visitor's next request. */
export function proceed(visit: Visit): void {
	for (;;) {
		const stage = stages[visit.stage];
		if (stage === undefined) {
			visit.visitor.next();
			return;
		}
		visit.stage++;
		if (stage(visit) === 'wait') return;
	}
}
