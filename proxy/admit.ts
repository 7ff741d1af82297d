import type { Step, Visit } from './visit.ts';

/** Counts the visit among its tenant's, or answers 503. */
export function admit(visit: Visit): Step {
	const tenant = visit.mustHaveTenant();
	const refusal = visit.edge.admission.enter(tenant);
	if (refusal !== undefined) return visit.refuse(refusal);
	visit.admitted = true;
	return 'on';
}
