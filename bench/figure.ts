/** What a figure has to reach, and on which side of it. */
export interface Budget {
	readonly atMost?: number;
	readonly atLeast?: number;
}

/** A value with both ends of its 95 % interval. */
export interface Estimate {
	readonly value: number;
	readonly low: number;
	readonly high: number;
}

/** What a figure is about. The four names together name it for programs: two runs are compared by them. */
export interface About {
	/** The bench that measured it: `cold`. */
	readonly bench: string;
	/** The workload, whose subjects stand side by side in one table: `Node hello server`. */
	readonly group: string;
	/** Whose figure it is: `innkeeper`, a peer's name, or `floor`. */
	readonly subject: string;
	/** What was measured: `cold start`, `CPU a request`. */
	readonly measure: string;
	/** `ms`, `µs`, `×`, `MiB`, `/s`, or empty for what is counted. */
	readonly unit: string;
	/** Which way is better; `neither` for what only describes. */
	readonly better: 'less' | 'more' | 'neither';
}

/** One measured number, with its floor, and the budget that is set for it. */
export interface Figure extends About {
	/** Undefined where it could not be measured; `note` says why. */
	readonly value: number | undefined;
	/** The value's 95 % interval. */
	readonly interval?: { readonly low: number; readonly high: number };
	/** What the value was made of, in the order measured: one a round, or one a wake. */
	readonly samples?: readonly number[];
	/** The value over that of its floor (what the same costs without us), measured in the same run. */
	readonly overFloor?: Estimate;
	readonly budget?: Budget;
	/** How it came about, or what was missing. */
	readonly note?: string;
}

/** Undefined where there is no budget, or nothing was measured. */
export function isMet(figure: Figure): boolean | undefined {
	const { value, budget } = figure;
	if (value === undefined || budget === undefined) return undefined;
	return value <= (budget.atMost ?? Number.POSITIVE_INFINITY) && value >= (budget.atLeast ?? Number.NEGATIVE_INFINITY);
}

/** The figure's name for programs: `cold/Node hello server/innkeeper/cold start`. */
export function nameOf({ bench, group, subject, measure }: About): string {
	return [bench, group, subject, measure].join('/');
}
