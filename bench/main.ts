import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { catalogue, catalogueLines } from './peers/catalogue.ts';
import { benches, runBenches } from './run.ts';

const usage = `npm run bench -- [--quick] [--json FILE] [${Object.keys(benches).join(' | ')} …]
npm run bench -- peers`;

process.exitCode = await main(process.argv.slice(2));

/** 0: all was measured, budgets missed or not; 1: a bench broke; 2: wrong arguments. */
async function main(words: string[]): Promise<number> {
	if (words.length === 1 && words[0] === 'peers') {
		for (const line of await catalogueLines(catalogue)) console.log(line);
		return 0;
	}
	const chosen = readArguments(words);
	if (chosen === undefined) return 2;
	const run = await runBenches(chosen.names, chosen.quick);
	if (chosen.json !== undefined) await writeFile(chosen.json, `${JSON.stringify(run, undefined, '\t')}\n`);
	return run.broken.length > 0 ? 1 : 0;
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
