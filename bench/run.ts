import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { churn } from './churn/churn.ts';
import { cold } from './cold/cold.ts';
import { density } from './density/density.ts';
import type { Figure } from './figure.ts';
import type { Interruption } from './interruption.ts';
import { type Environment, MISSING, readEnvironment } from './method/environment.ts';
import { machineClock, type Noise, NoiseWatch, noiseLine } from './method/noise.ts';
import { spin } from './method/spin.ts';
import { catalogue } from './peers/catalogue.ts';
import { debianTool, type Tool } from './peers/tool.ts';
import { finite } from './report/finite.ts';
import { paintFor } from './report/paint.ts';
import { Progress } from './report/progress.ts';
import type { Run } from './report/run.ts';
import { figureLine, groupLine, summaryLines, WIDTH, wrap } from './report/table.ts';
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

/** Whose versions stand in a run's environment. */
const tools: readonly Tool[] = [
	debianTool('cc', 'cc', ['--version'], 'gcc libc6-dev'),
	...catalogue.map(({ tool }) => tool),
];

const paint = paintFor(process.stdout);

/** Runs the named benches, shows each figure as it comes, and gives all that was found. Rejects with Interrupted, behind everything put in order. */
export async function runBenches(names: readonly string[], quick: boolean, interruption: Interruption): Promise<Run> {
	const environment = await readEnvironment(tools);
	for (const line of headLines(environment)) console.log(line);

	const figures: Figure[] = [];
	const noise: Noise[] = [];
	const broken: { bench: string; reason: string }[] = [];
	const progress = new Progress(process.stdout);
	const folder = await mkdtemp(join(tmpdir(), 'innkeeper-bench-'));
	const watch = new NoiseWatch(spin, machineClock());
	try {
		for (const [i, name] of names.entries()) {
			console.log(`\n${paint('head', name)}`);
			progress.begin(`${i + 1} of ${names.length}, ${name}`);
			const report = (reported: Figure): void => {
				const figure = finite(reported);
				progress.clear();
				const last = figures.at(-1);
				if (figure.group !== last?.group || figure.bench !== last.bench) console.log(groupLine(figure, paint));
				console.log(figureLine(figure, paint));
				figures.push(figure);
			};
			const show = (text: string): void => {
				interruption.check();
				progress.show(text);
			};
			try {
				await benches[name]?.({ quick, folder, report, progress: show });
			} catch (error) {
				interruption.check();
				const reason = error instanceof Error ? error.message : String(error);
				broken.push({ bench: name, reason });
				progress.clear();
				console.error(`  ${paint('bad', `${name} broke`)}: ${reason}`);
			}
			progress.clear();
			const seen = watch.ended(name);
			noise.push(seen);
			for (const line of wrap(noiseLine(seen), WIDTH - 2))
				console.log(`  ${paint(seen.noisy ? 'bad' : 'aside', line)}`);
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	console.log(`\n${summaryLines(figures, paint).join('\n')}`);
	if (broken.length > 0) console.log(paint('bad', `broken: ${broken.map(({ bench }) => bench).join(', ')}`));
	return { version: 2, quick, environment, noise, broken, figures };
}

function headLines(environment: Environment): string[] {
	const { commit, kernel, cpus, cpu, loadBefore, versions, variables } = environment;
	const named = (words: Readonly<Record<string, string>>, between: string): string =>
		Object.entries(words)
			.map(([name, value]) => `${name}${between}${value}`)
			.join(', ');
	const installed = Object.entries(versions).filter(([, words]) => words !== MISSING);
	const numbers = Object.fromEntries(installed.map(([name, words]) => [name, versionNumber(words)]));
	return [
		`innkeeper bench · ${commit} · Linux ${kernel} · ${cpus} × ${cpu}`,
		`load before: ${loadBefore.toFixed(2)} · ${named(numbers, ' ')}`,
		...(Object.keys(variables).length === 0 ? [] : [`variables that change starts: ${named(variables, '=')}`]),
	].flatMap((line) => wrap(line, WIDTH));
}

/** The number in what a program says of its version, or all that it says where there is none. */
function versionNumber(words: string): string {
	return /\d+(\.\d+)+/.exec(words)?.[0] ?? words;
}
