import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Verb } from '../../verb.ts';
import { readRun } from '../file.ts';
import { page } from '../html/page.ts';
import { checkWritable } from '../target.ts';

/** Draws a stored run as a page. */
export const report: Verb = {
	usage: 'RUN.json --html FILE',
	summary: 'draw a stored run as a page',
	async run(words) {
		const { values, positionals } = parseArgs({
			args: words,
			allowPositionals: true,
			options: { html: { type: 'string' } },
		});
		const [file, ...more] = positionals;
		if (file === undefined || more.length > 0 || values.html === undefined)
			throw new Error(`report wants ${this.usage}`);
		await checkWritable(values.html);
		await writeFile(values.html, page(await readRun(file)));
		return 0;
	},
};
