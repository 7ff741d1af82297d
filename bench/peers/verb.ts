import type { Verb } from '../verb.ts';
import { catalogue, catalogueLines } from './catalogue.ts';

/** Prints every peer and tool with its version, or the command that installs it. */
export const peers: Verb = {
	usage: '',
	summary: 'list peers and tools, or how to get them',
	async run(words) {
		if (words.length > 0) throw new Error('peers takes no arguments');
		for (const line of await catalogueLines(catalogue)) console.log(line.trimEnd());
		return 0;
	},
};
