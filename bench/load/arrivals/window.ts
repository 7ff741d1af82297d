import type { Arrival } from './arrival.ts';

/** The part of a trace from `from` on for `length` ms, told from its own beginning, with time running `faster` times as fast. */
export function windowOf(arrivals: readonly Arrival[], from: number, length: number, faster: number): Arrival[] {
	return arrivals
		.filter(({ at }) => at >= from && at < from + length)
		.map((arrival) => ({ ...arrival, at: (arrival.at - from) / faster }));
}

/**
 * Where a window of that length has to begin to hold as much as can be of everything: of all that begin a quarter before one crowd's
 * first visitor, the one with the most kinds of comers, and among these with the most scanning.
 */
export function fullestWindow(arrivals: readonly Arrival[], length: number): number {
	const crowded = new Set<number>();
	let best = { from: 0, kinds: 0, scanned: 0 };
	for (const { at, tenant, comer } of arrivals) {
		if (comer !== 'crowd' || crowded.has(tenant)) continue;
		crowded.add(tenant);
		const from = Math.max(0, at - length / 4);
		const inside = arrivals.filter((arrival) => arrival.at >= from && arrival.at < from + length);
		const kinds = new Set(inside.map((arrival) => arrival.comer)).size;
		const scanned = inside.filter((arrival) => arrival.comer === 'scanner').length;
		if (kinds > best.kinds || (kinds === best.kinds && scanned > best.scanned)) best = { from, kinds, scanned };
	}
	return best.from;
}
