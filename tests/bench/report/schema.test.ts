import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from '../../../bench/report/schema.ts';

test('run.schema.json is what the schema gives: npm run --silent bench -- schema', () => {
	const file = join(import.meta.dirname, '../../../bench/report/run.schema.json');
	expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});
