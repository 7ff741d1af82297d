/** The rungs of sleep from the top down, with the key under `idle` of a tenant file that leads to each, and what `Innkeeper-Wake` says of a way back. */
export const rungs = [
	{ name: 'frozen', timer: 'freeze', wake: 'thaw' },
	{ name: 'reclaimed', timer: 'reclaim', wake: 'thaw' },
	{ name: 'checkpointed', timer: 'checkpoint', wake: 'restore' },
	{ name: 'stopped', timer: 'stop', wake: 'start' },
] as const;

export type RungName = (typeof rungs)[number]['name'];
export type Timer = (typeof rungs)[number]['timer'];

/** What a rung costs one kind of tenant. */
export interface RungCost {
	/** What it still holds of a ready tenant's memory, 0 to 1. */
	readonly memoryShare: number;
	/** How much longer a request took that met the tenant on it, in ms, as often as it was measured. */
	readonly wakes: readonly [number, ...number[]];
}

/** One kind of tenant: what it takes when it is ready, and on each rung that is built. A rung that is missing takes no part. */
export interface Ladder {
	readonly tenant: string;
	/** MiB. */
	readonly memory: number;
	readonly rungs: Readonly<Partial<Record<RungName, RungCost>>>;
}

/** A choice of idle timers, in ms after the last use; a rung without a timer is skipped. */
export interface Setting {
	readonly name: string;
	readonly idle: Readonly<Partial<Record<Timer, number>>>;
}

/** A step down the ladder: a rung, and after how long an idle time. */
export interface Step extends RungCost {
	readonly name: RungName;
	readonly after: number;
}

/** The steps that a tenant of this kind takes under a setting. A timer that is not longer than that of a deeper rung never gets its turn. */
export function stepsOf(ladder: Ladder, { idle }: Setting): Step[] {
	const steps: Step[] = [];
	for (const { name, timer } of rungs.toReversed()) {
		const [cost, after] = [ladder.rungs[name], idle[timer]];
		const deeper = steps.at(-1)?.after ?? Number.POSITIVE_INFINITY;
		if (cost !== undefined && after !== undefined && after < deeper) steps.push({ name, after, ...cost });
	}
	return steps.reverse();
}
