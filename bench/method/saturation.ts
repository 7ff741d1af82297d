/** How much of a CPU each used during a load, 0 … 1 each; `proxy` is 0 where there is none. */
export interface Shares {
	readonly proxy: number;
	readonly generator: number;
	readonly upstream: number;
}

/** What kept a load from being faster. Only where it was the proxy does the rate say anything about it. */
export type Limit = 'proxy' | 'generator' | 'upstream' | 'none';

/** A CPU that is used so much is full: what is left goes to clock ticks and to other processes. */
const FULL = 0.95;

/** Whose CPU was full. Generator and upstream share one: where it is full, the one that used more of it is named. */
export function limitOf({ proxy, generator, upstream }: Shares): Limit {
	if (proxy >= FULL) return 'proxy';
	if (generator + upstream < FULL) return 'none';
	return generator >= upstream ? 'generator' : 'upstream';
}

/** A remark on rates that say nothing of the proxy; undefined where it was the limit in most rounds. */
export function saturationNote(limits: readonly Limit[]): string | undefined {
	const [most, count] = mostCommon(limits);
	if (most === undefined || most === 'proxy') return undefined;
	const rounds = count === limits.length ? '' : ` in ${count} of ${limits.length} rounds`;
	if (most === 'none') return `no CPU was full${rounds}: waiting was the limit`;
	return `the ${most} was the limit${rounds}, not the proxy`;
}

/** A part of the wanted rate below which a generator is said to have fallen behind. */
const KEPT_UP = 0.98;

/** A remark on a fixed rate that was not reached; undefined where it was. */
export function shortfallNote(wanted: number, achieved: number): string | undefined {
	if (achieved >= KEPT_UP * wanted) return undefined;
	return `${Math.round(achieved)} of ${wanted} requests a second were sent`;
}

function mostCommon(limits: readonly Limit[]): [Limit | undefined, number] {
	const counts = new Map<Limit, number>();
	for (const limit of limits) counts.set(limit, (counts.get(limit) ?? 0) + 1);
	let most: [Limit | undefined, number] = [undefined, 0];
	for (const [limit, count] of counts) if (count > most[1]) most = [limit, count];
	return most;
}
