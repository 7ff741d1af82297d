import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { doors } from './doors/doors.ts';
import { INTERRUPTED, Interrupted, Interruption } from './interruption.ts';
import { peers } from './peers/verb.ts';
import { runText } from './report/file.ts';
import { page } from './report/html/page.ts';
import { checkWritable } from './report/target.ts';
import { compare } from './report/verbs/compare.ts';
import { report } from './report/verbs/report.ts';
import { schema } from './report/verbs/schema.ts';
import { benches, runBenches } from './run.ts';
import type { Verb } from './verb.ts';

/** What can be done but measuring; each takes the words behind its name. */
const verbs: Readonly<Record<string, Verb>> = { compare, report, peers, schema, doors };

process.exitCode = await main(process.argv.slice(2));

/** 0: done; 1: a bench broke, or what a verb calls so; 2: wrong arguments; 130: interrupted. */
async function main(words: string[]): Promise<number> {
	if (words.includes('--help') || words.includes('-h')) {
		console.log(help());
		return 0;
	}
	try {
		const [name = '', ...rest] = words;
		const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
		return await (verb === undefined ? measure(words) : verb.run(rest));
	} catch (error) {
		if (error instanceof Interrupted) {
			console.error(`\n${error.message}; what was started has been ended`);
			return INTERRUPTED;
		}
		console.error(`${error instanceof Error ? error.message : error}\nnpm run bench -- --help says how it is called.`);
		return 2;
	}
}

async function measure(words: string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args: words,
		allowPositionals: true,
		options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, html: { type: 'string' } },
	});
	const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
	if (unknown !== undefined) throw new Error(`there is no bench ${unknown}`);
	// Said now, not after half an hour of measuring.
	for (const file of [values.json, values.html]) if (file !== undefined) await checkWritable(file);

	const names = positionals.length > 0 ? positionals : Object.keys(benches);
	const run = await runBenches(names, values.quick, new Interruption(process));
	if (values.json !== undefined) await writeFile(values.json, runText(run));
	if (values.html !== undefined) await writeFile(values.html, page(run));
	return run.broken.length > 0 ? 1 : 0;
}

function help(): string {
	const rows: [string, string][] = [
		['[BENCH …] [--quick] [--json FILE] [--html FILE]', 'measure: the benches named, or all of them'],
		...Object.entries(verbs).map(([name, { usage, summary }]): [string, string] => [
			`${name} ${usage}`.trim(),
			summary,
		]),
	];
	return [
		'usage: npm run bench -- …',
		'',
		...rows.map(([words, summary]) => `  ${words.padEnd(48)}  ${summary}`),
		'',
		`benches: ${Object.keys(benches).join(', ')}`,
		'',
		'  --quick      a tenth of the work',
		'  --json FILE  write all figures and the environment (bench/report/run.schema.json) to FILE',
		'  --html FILE  write a page with tables and plots to FILE; it needs no network',
		'  --help       this',
		'',
		'exit status: 0 done, whether budgets were met or not; 1 a bench broke;',
		'2 wrong arguments; 130 interrupted, and all that was started ended.',
	].join('\n');
}
