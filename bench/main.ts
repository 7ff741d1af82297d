import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cold } from './cold/cold.ts';
import { readEnvironment } from './environment.ts';
import type { Bench, Figure } from './figure.ts';
import { figureLine, summaryLine } from './table.ts';
import { throughput } from './throughput/throughput.ts';
import { crowd } from './visitors/crowd.ts';
import { files } from './visitors/files.ts';
import { knocks } from './visitors/knocks.ts';
import { races } from './visitors/races.ts';

/** Every bench, in the order of a whole run: the ones that a busy machine disturbs most come first. */
const benches: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
	cold,
	throughput,
	crowd,
	knocks,
	races,
	files,
};

const usage = `npm run bench -- [--quick] [--json FILE] [${Object.keys(benches).join(' | ')} …]`;

process.exitCode = await main(process.argv.slice(2));

/** 0: all was measured, budgets missed or not; 1: a bench broke; 2: wrong arguments. */
async function main(words: string[]): Promise<number> {
	const chosen = readArguments(words);
	if (chosen === undefined) return 2;
	const { names, quick, json } = chosen;
	const environment = await readEnvironment();
	console.log(
		`innkeeper bench · ${environment.commit} · Linux ${environment.kernel} · ${environment.cpus} × ${environment.cpu}`,
	);
	console.log(`load before: ${environment.loadBefore.toFixed(2)} · ${JSON.stringify(environment.versions)}`);

	const figures: Figure[] = [];
	const broken: string[] = [];
	const folder = await mkdtemp(join(tmpdir(), 'innkeeper-bench-'));
	try {
		for (const name of names) {
			console.log(`\n${name}`);
			const bench: Bench = {
				quick,
				folder,
				report: (figure) => {
					figures.push(figure);
					progress('');
					console.log(figureLine(figure));
				},
				progress,
			};
			try {
				await benches[name]?.(bench);
			} catch (error) {
				broken.push(name);
				progress('');
				console.error(`  ${name} broke: ${error instanceof Error ? error.message : error}`);
			}
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	console.log(`\n${summaryLine(figures)}`);
	if (broken.length > 0) console.log(`broken: ${broken.join(', ')}`);
	if (json !== undefined) {
		await writeFile(json, `${JSON.stringify({ version: 1, quick, environment, broken, figures }, undefined, '\t')}\n`);
	}
	return broken.length > 0 ? 1 : 0;
}

function readArguments(words: string[]): { names: string[]; quick: boolean; json: string | undefined } | undefined {
	try {
		const { values, positionals } = parseArgs({
			args: words,
			allowPositionals: true,
			options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
		});
		const unknown = positionals.find((name) => !(name in benches));
		if (unknown !== undefined) throw new Error(`there is no bench ${unknown}`);
		const names = positionals.length > 0 ? positionals : Object.keys(benches);
		return { names, quick: values.quick, json: values.json };
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
		return undefined;
	}
}

/** One line that the next one overwrites; nothing where stdout is no terminal. */
function progress(text: string): void {
	if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text === '' ? '' : `  ${text}`}`);
}
