import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a jest process is at: a test, a hook, or what is done before and behind them; environment.mjs writes it down. */
export interface Stage {
	readonly pid: number;
	/** From the project's folder. */
	readonly file: string;
	readonly stage: string;
	/** How long it may take until it counts as hung, in ms. */
	readonly limit: number;
	/** When it began, in ms as Date.now. */
	readonly since: number;
}

/** What a process is at for too long; undefined where none is. */
export function findHanging(records: string, now: number): Stage | undefined {
	return readStages(records).find(({ limit, since }) => now - since > limit);
}

/** What each process that wrote it down is at. */
export function readStages(records: string): Stage[] {
	return readdirSync(records)
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			try {
				const stage = JSON.parse(readFileSync(join(records, name), 'utf8')) as Omit<Stage, 'pid'>;
				return [{ pid: Number(name), ...stage }];
			} catch {
				return []; // Being written, or taken away.
			}
		});
}
