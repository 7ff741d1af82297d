import type { Figure } from '../figure.ts';
import type { Environment } from '../method/environment.ts';
import type { Noise } from '../method/noise.ts';

/** All that one run found: what `--json` writes, `--html` and `report` draw, and `compare` reads. */
export interface Run {
	/** Of this format. */
	readonly version: 2;
	/** A tenth of the work. */
	readonly quick: boolean;
	readonly environment: Environment;
	/** How noisy the machine was during each bench, in the order run. */
	readonly noise: readonly Noise[];
	/** Benches that could not be run, and why. */
	readonly broken: readonly { readonly bench: string; readonly reason: string }[];
	readonly figures: readonly Figure[];
}

/** A run as it stands in a file: a figure that was not measured has no value there, for JSON knows no undefined. */
export interface StoredRun extends Omit<Run, 'figures'> {
	readonly figures: readonly (Omit<Figure, 'value'> & { readonly value?: number })[];
}
