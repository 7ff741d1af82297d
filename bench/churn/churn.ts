import type { Bench } from '../bench.ts';
import { crowd } from './crowd.ts';
import { knocks } from './knocks.ts';
import { races } from './races.ts';
import { replay } from './replay.ts';

/** Tenants that come and go: many visitors to one sleeper, one to each of many, visitors who race with the reaper, and an hour of many tenants. */
export async function churn(bench: Bench): Promise<void> {
	await crowd(bench);
	await knocks(bench);
	await races(bench);
	await replay(bench);
}
