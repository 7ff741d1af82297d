import type { Step, Visit } from './visit.ts';

/** Gives back what the visit held: its lease, its place among its tenant's visitors. */
export function release(visit: Visit): Step {
	const { admission, activation, router } = visit.edge;
	const { tenant } = visit;
	visit.busy = false;
	visit.deadline.disarm();
	if (tenant === undefined) return 'on';
	if (visit.lease !== undefined) activation.letGo(tenant, visit.lease);
	if (visit.admitted) admission.leave(tenant);
	router.settle(tenant);
	return 'on';
}
