import type { Step, Visit } from './visit.ts';

/** Gets the visit a lease on an instance that can answer; who has to wait for that waits in the tenant's queue. */
export function activate(visit: Visit): Step {
	const { activation, clock, deadlines } = visit.edge;
	const tenant = visit.mustHaveTenant();
	const lease = activation.use(tenant);
	if (lease !== undefined) {
		visit.lease = lease;
		return 'on';
	}
	const request = `${visit.head.method} ${visit.head.host}${visit.head.target}`;
	const refusal = activation.wait(tenant, visit, visit.visitor.client, request);
	if (refusal !== undefined) return visit.refuse(refusal);
	deadlines.lasting(tenant.view.startTimeout).arm(visit.deadline, clock.now());
	return 'wait';
}
