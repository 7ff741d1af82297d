import { Exchange } from './exchange.ts';
import type { Step, Visit } from './visit.ts';

/** Brings the request to the instance and its answer to the visitor. */
export function forward(visit: Visit): Step {
	visit.activatedAt = visit.now;
	// A visit that had to change its instance comes here again, with the exchange that it has.
	if (!(visit.carrier instanceof Exchange)) visit.carrier = new Exchange(visit);
	(visit.carrier as Exchange).ask();
	return 'wait';
}
