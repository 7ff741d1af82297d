import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Verb } from '../../verb.ts';
import { compareRuns, isWorse } from '../compare/compare.ts';
import { comparisonLines } from '../compare/text.ts';
import { readRun } from '../file.ts';
import { paintFor } from '../paint.ts';
import { checkWritable } from '../target.ts';

/** Says what changed from one stored run to another beyond noise; 1 where something of ours became worse. */
export const compare: Verb = {
	usage: 'A.json B.json [--json FILE]',
	summary: 'say what changed beyond noise (1: worse)',
	async run(words) {
		const { values, positionals } = parseArgs({
			args: words,
			allowPositionals: true,
			options: { json: { type: 'string' } },
		});
		const [a, b, ...more] = positionals;
		if (a === undefined || b === undefined || more.length > 0) throw new Error(`compare wants ${this.usage}`);
		if (values.json !== undefined) await checkWritable(values.json);
		const comparison = compareRuns(await readRun(a), await readRun(b));
		for (const line of comparisonLines(comparison, paintFor(process.stdout))) console.log(line);
		if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(comparison, undefined, '\t')}\n`);
		return isWorse(comparison) ? 1 : 0;
	},
};
