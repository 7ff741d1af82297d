import type { Verb } from '../../verb.ts';
import { jsonSchema } from '../schema.ts';

/** Prints what --json writes as JSON Schema; bench/report/run.schema.json is this. */
export const schema: Verb = {
	usage: '',
	summary: 'print the JSON Schema of what --json writes',
	async run(words) {
		if (words.length > 0) throw new Error('schema takes no arguments');
		console.log(JSON.stringify(jsonSchema(), undefined, '\t'));
		return 0;
	},
};
