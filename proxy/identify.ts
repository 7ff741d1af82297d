import type { Step, Visit } from './visit.ts';

/**
 * Says by what the tenant is found: the destination where it is a tenant's own address, else Host. Answers the health path, and
 * whoever asks for a name that no tenant can have.
 */
export function identify(visit: Visit): Step {
	const { head, visitor, edge } = visit;
	if (head.target === edge.settings.health) return visit.healthy();
	if (head.nobodys) return visit.refuse('unknown-host');
	visit.key = visitor.addressKey ?? `host:${head.host}`;
	visit.identifiedAt = visit.now;
	return 'on';
}
