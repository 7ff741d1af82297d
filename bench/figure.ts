/** What a figure has to reach, and on which side of it. */
export interface Budget {
	readonly atMost?: number;
	readonly atLeast?: number;
}

/** One measured number, with the budget that issue or design sets for it. */
export interface Figure {
	/** The bench that measured it, e.g. `cold`. */
	readonly bench: string;
	/** What was measured, in words for people; together with the bench it names the figure for programs. */
	readonly name: string;
	/** Undefined where it could not be measured; `note` says why. */
	readonly value: number | undefined;
	/** `ms`, `µs`, `×`, or what is counted. */
	readonly unit: string;
	/** Half the width of the value's 95 % interval. */
	readonly within?: number;
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

/** What a bench gets, and gives back by. */
export interface Bench {
	/** A tenth of the work, under a minute a bench. */
	readonly quick: boolean;
	/** A folder of the run's own, where programs are compiled and peers keep their files. */
	readonly folder: string;
	/** Shown at once, each as it comes. */
	report(figure: Figure): void;
	/** What is being done now; the next one takes its place on a terminal. */
	progress(text: string): void;
}
