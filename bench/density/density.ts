import type { Bench } from '../bench.ts';
import { files } from './files.ts';

/** What tenants cost while nobody visits them. */
export async function density(bench: Bench): Promise<void> {
	await files(bench);
}
