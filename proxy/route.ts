import type { Step, Visit } from './visit.ts';

/** Finds the tenant of the visit's key, or answers 404; who has to wait for the launcher's word waits with others of that key. */
export function route(visit: Visit): Step {
	const { router, timeouts, clock } = visit.edge;
	const tenant = router.find(visit.key);
	if (tenant === null) return visit.refuse('unknown-host');
	if (tenant !== undefined) {
		visit.tenant = tenant;
		return 'on';
	}
	if (!router.ask(visit.key, visit)) return visit.refuse('launcher-away');
	timeouts.resolve.arm(visit.deadline, clock.now());
	return 'wait';
}
