import type { Figure } from './figure.ts';

/** What a bench gets, and gives back by. A bench is a function of it that rejects only where nothing could be measured at all. */
export interface Bench {
	/** A tenth of the work, under a minute a bench. */
	readonly quick: boolean;
	/** A folder of the run's own, where programs are compiled and peers keep their files; deleted behind the run. */
	readonly folder: string;
	/** Shown at once, each as it comes. */
	report(figure: Figure): void;
	/** What is being done now; the next one takes its place on a terminal. */
	progress(text: string): void;
}
