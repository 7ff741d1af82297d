import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { churn } from './churn/churn.ts';
import { cold } from './cold/cold.ts';
import { density } from './density/density.ts';
import type { Figure } from './figure.ts';
import { readEnvironment } from './method/environment.ts';
import type { Run } from './report/run.ts';
import { figureLine, groupLine, summaryLine } from './report/table.ts';
import { throughput } from './throughput/throughput.ts';
import { tune } from './tune/tune.ts';
import { wake } from './wake/wake.ts';

/** Every bench, in the order of a whole run: the ones that a busy machine disturbs most come first. */
export const benches: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
	cold,
	wake,
	throughput,
	density,
	churn,
	tune,
};

/** Runs the named benches, shows each figure as it comes, and gives all that was found. */
export async function runBenches(names: readonly string[], quick: boolean): Promise<Run> {
	const environment = await readEnvironment();
	console.log(
		`innkeeper bench · ${environment.commit} · Linux ${environment.kernel} · ${environment.cpus} × ${environment.cpu}`,
	);
	console.log(`load before: ${environment.loadBefore.toFixed(2)} · ${JSON.stringify(environment.versions)}`);

	const figures: Figure[] = [];
	const broken: { bench: string; reason: string }[] = [];
	const folder = await mkdtemp(join(tmpdir(), 'innkeeper-bench-'));
	try {
		for (const name of names) {
			console.log(`\n${name}`);
			const report = (figure: Figure): void => {
				progress('');
				const last = figures.at(-1);
				if (figure.group !== last?.group || figure.bench !== last.bench) console.log(groupLine(figure));
				console.log(figureLine(figure));
				figures.push(figure);
			};
			try {
				await benches[name]?.({ quick, folder, report, progress });
			} catch (error) {
				const reason = error instanceof Error ? error.message : String(error);
				broken.push({ bench: name, reason });
				progress('');
				console.error(`  ${name} broke: ${reason}`);
			}
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	console.log(`\n${summaryLine(figures)}`);
	if (broken.length > 0) console.log(`broken: ${broken.map(({ bench }) => bench).join(', ')}`);
	return { version: 2, quick, environment, broken, figures };
}

/** One line that the next one overwrites; nothing where stdout is no terminal. */
function progress(text: string): void {
	if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text === '' ? '' : `  ${text}`}`);
}
