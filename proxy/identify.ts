import type { Step, Visit } from './visit.ts';

/** What a monitor puts behind the health path, to hear of the tenant instead of the edge. */
const OF_TENANT = '?tenant';

/**
 * Says by what the tenant is found: the destination where it is a tenant's own address, else Host. Answers the health path, and
 * whoever asks for a name that no tenant can have; knows who asks by the health path for a tenant's state.
 */
export function identify(visit: Visit): Step {
	const { head, visitor, edge } = visit;
	const { health } = edge.settings;
	if (health !== undefined && head.target.startsWith(health)) {
		if (head.target.length === health.length) return visit.answerOk();
		visit.monitoring = head.target.length === health.length + OF_TENANT.length && head.target.endsWith(OF_TENANT);
	}
	if (head.nobodys) return visit.refuse('unknown-host');
	visit.key = visitor.addressKey ?? `host:${head.host}`;
	visit.identifiedAt = visit.now;
	return 'on';
}
