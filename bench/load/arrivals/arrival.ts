/** Who makes a request: one of the people who read a site, one of a crowd that a link sends, a scanner, or a monitor. */
export type Comer = 'reader' | 'crowd' | 'scanner' | 'monitor';

/** One request of a trace. */
export interface Arrival {
	/** In ms since the trace's beginning. */
	readonly at: number;
	/** The tenant's number, from 0; the lower, the more popular. */
	readonly tenant: number;
	readonly comer: Comer;
}

/** The same requests in the order of their times. */
export function inOrder(arrivals: readonly Arrival[]): Arrival[] {
	return arrivals.toSorted((one, other) => one.at - other.at);
}
