import type { Step, Visit } from './visit.ts';

/** Writes the visit's line of the access log. */
export function log(visit: Visit): Step {
	visit.edge.log.visited(visit);
	return 'on';
}
