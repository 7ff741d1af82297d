import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { defaultsYaml } from '../../config/defaults.ts';
import { defaultConfig, readConfig } from '../../config/load.ts';
import { configSchema } from '../../config/schema.ts';
import { tenantKeys } from '../../tenants/schema.ts';
import { site } from './site.ts';

const yaml = defaultsYaml(site, tenantKeys);

test('the text is a config file that says what an empty one means', () => {
	const folder = mkdtempSync(join(tmpdir(), 'innkeeper-defaults-'));
	const file = join(folder, 'innkeeper.yaml');
	writeFileSync(file, yaml, { mode: 0o644 });
	expect(readConfig(file, site, tenantKeys)).toEqual({
		config: { ...defaultConfig(folder, site, tenantKeys), file },
		faults: [],
	});
	rmSync(folder, { recursive: true });
});

test('every key is there, `user` as a comment', () => {
	const { shape } = configSchema(tenantKeys.schema) as unknown as { shape: Record<string, unknown> };
	const there = Object.keys(parse(yaml) as object);
	expect([...there, 'user'].sort()).toEqual(Object.keys(shape).sort());
	expect(yaml).toMatch(/^# user: /m);
});

test('every line says what its key is for, or is above others that do', () => {
	const bare = yaml.split('\n').filter((line) => line !== '' && !line.includes('#') && !line.endsWith(':'));
	expect(bare).toEqual([]);
});
