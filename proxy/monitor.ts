import type { TenantState } from '../launcher/protocol/edge.ts';
import type { Step, Visit } from './visit.ts';

/** States of a tenant that cannot be woken at the moment: what a monitor is to ring about. */
const BROKEN: readonly string[] = ['failing', 'failed'];

/**
 * Tells an address of `healthFrom` how the tenant is, without waking it and without any use of it: JSON, 200, or 503 where it is
 * broken. Anybody else hears that the edge lives.
 */
export function monitor(visit: Visit): Step {
	if (!visit.monitoring) return 'on';
	const { edge } = visit;
	if (!edge.isMonitor(visit.client)) return visit.answerOk();
	const question = {};
	// Who asked may be gone when the answer comes, and the visit another request's.
	const asked = edge.askState(visit.mustHaveTenant().view.id, (state) => {
		if (visit.question === question) tell(visit, state);
	});
	if (!asked) return visit.refuse('launcher-away');
	visit.question = question;
	edge.timeouts.resolve.arm(visit.deadline, edge.clock.now());
	return 'wait';
}

function tell(visit: Visit, state: TenantState | null): void {
	visit.deadline.disarm();
	visit.question = undefined;
	// The id may be another tenant's by now.
	if (state?.name !== visit.mustHaveTenant().view.name) visit.fail('no-such-tenant');
	else visit.report(BROKEN.includes(state.state) ? 503 : 200, `${JSON.stringify(state)}\n`);
}
