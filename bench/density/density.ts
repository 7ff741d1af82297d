import type { Bench } from '../bench.ts';
import { awake } from './awake.ts';
import { files } from './files.ts';

/** What tenants cost while nobody visits them, asleep and awake. */
export async function density(bench: Bench): Promise<void> {
	await files(bench);
	await awake(bench);
}
