import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { check } from '../../config/check.ts';
import { Document } from '../../config/document.ts';
import { faultLine } from '../../config/fault.ts';
import { type Key, keysOf } from '../../config/keys.ts';
import { configKeys, configReference, type Reference } from '../../config/reference.ts';
import { configSchema } from '../../config/schema.ts';
import { pages } from '../../docs/pages.ts';
import { readTenant } from '../../tenants/read.ts';
import { tenantReference } from '../../tenants/reference.ts';
import { tenantKeys, tenantSchema } from '../../tenants/schema.ts';

interface File {
	readonly file: string;
	readonly keys: readonly Key[];
	readonly reference: Reference;
	/** What is wrong with a file in which the example stands. */
	faults(example: string): string[];
}

/** What examples may lean on. */
const tenant = { id: 100, name: 'base', command: ['node'], hosts: ['base.example'], addresses: ['127.0.5.9:25/tcp'] };

const files: File[] = [
	{
		file: 'tenants/reference.ts',
		keys: keysOf(tenantSchema),
		reference: tenantReference,
		faults: (example) => {
			const text = JSON.stringify({ ...tenant, ...parse(example) });
			const { faults } = readTenant('/tenant.yaml', text, {});
			return faults.filter(({ severity }) => severity === 'fault').map(faultLine);
		},
	},
	{
		file: 'config/reference.ts',
		keys: configKeys(),
		reference: configReference,
		faults: (example) =>
			check(new Document('/innkeeper.yaml', example), configSchema(tenantKeys.schema)).faults.map(faultLine),
	},
];

describe.each(files)('$file', ({ keys, reference, faults }) => {
	const values = keys.filter(({ kind }) => kind === 'value');
	const exampleOf = ({ path }: Key): string => reference[path]?.example ?? '';

	test('the schema has keys, sections and values that are not built yet', () => {
		expect(new Set(keys.map(({ kind }) => kind))).toEqual(new Set(['section', 'value', 'unbuilt']));
	});

	test('every key of the schema has a sentence here', () => {
		const silent = keys.filter(({ path }) => !/^[A-Z].*\.$/.test(reference[path]?.says ?? ''));
		expect(silent.map(({ path }) => path)).toEqual([]);
	});

	test('every key that may be written has an example here, in which it stands', () => {
		const bare = values.filter((key) => !has(parse(exampleOf(key)), key.path));
		expect(bare.map(({ path }) => path)).toEqual([]);
	});

	test('an example is a line, and what the schema takes', () => {
		const wrong = values.flatMap((key) => faults(exampleOf(key)).map((fault) => `${key.path}: ${fault}`));
		expect(wrong).toEqual([]);
		expect(values.map(exampleOf).filter((example) => /[\n`]/.test(example))).toEqual([]);
	});

	test('every key that may be left out has a default, in the schema or in words here, and not in both', () => {
		const said = values.filter(({ path }) => reference[path]?.absent !== undefined).map(({ path }) => path);
		const needed = values.filter((key) => !key.required && key.default === undefined).map(({ path }) => path);
		expect(said).toEqual(needed);
	});

	test('the schema says what each value has to be', () => {
		expect(values.filter(({ expected }) => expected === '').map(({ path }) => path)).toEqual([]);
	});

	test('it speaks of no key that the schema has not', () => {
		const known = keys.map(({ path }) => path);
		expect(Object.keys(reference).filter((path) => !known.includes(path))).toEqual([]);
	});
});

test('a wrong example would be found', () => {
	expect(files.map(({ faults }) => faults('nonsense: true').length)).toEqual([1, 1]);
});

test.each(Object.entries(pages))('docs/%s is up to date (npm run docs writes it)', (name, text) => {
	expect(readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8')).toBe(text);
});

test('a default is told as a file would have it', () => {
	const defaults = new Map([...keysOf(tenantSchema), ...configKeys()].map((key) => [key.path, key.default]));
	const some = ['idle.stop', 'log.size', 'timeouts.linger', 'listen.http', 'env', 'keep'].map((path) =>
		defaults.get(path),
	);
	expect(some).toEqual(['5m', '10M', '2s', '["127.0.0.1:8080"]', '{}', 'on-demand']);
});

function has(document: unknown, path: string): boolean {
	const inner = path
		.split('.')
		.reduce<unknown>((map, name) => (map as Record<string, unknown> | null)?.[name], document);
	return inner !== undefined;
}
