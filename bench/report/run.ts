import type { Figure } from '../figure.ts';
import type { Environment } from '../method/environment.ts';

/** All that one run found: what `--json` writes, `--html` draws and `compare` reads. */
export interface Run {
	/** Of this format. */
	readonly version: 2;
	readonly quick: boolean;
	readonly environment: Environment;
	/** Benches that could not be run, and why. */
	readonly broken: readonly { readonly bench: string; readonly reason: string }[];
	readonly figures: readonly Figure[];
}
