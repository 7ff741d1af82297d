import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mitigationsIn, readEnvironment, startVariables } from '../../../bench/method/environment.ts';

describe('variables', () => {
	test('that change starts are told, by name in order, others are not', () => {
		expect(startVariables({ PATH: '/bin', NODE_OPTIONS: '--x', LD_PRELOAD: 'a.so', HOME: '/' })).toEqual({
			LD_PRELOAD: 'a.so',
			NODE_OPTIONS: '--x',
		});
	});

	test('that may be secret are told without what they say', () => {
		expect(startVariables({ NODE_AUTH_TOKEN: 'abc' })).toEqual({ NODE_AUTH_TOKEN: '(set)' });
	});
});

describe('mitigations', () => {
	const folder = mkdtempSync(join(tmpdir(), 'innkeeper-mitigations-'));
	afterAll(() => rmSync(folder, { recursive: true }));

	test('are what the kernel does about the faults that the CPU has', () => {
		writeFileSync(join(folder, 'spectre_v2'), 'Mitigation: Retpolines\n');
		writeFileSync(join(folder, 'meltdown'), 'Not affected\n');
		expect(mitigationsIn(folder)).toEqual({ spectre_v2: 'Mitigation: Retpolines' });
	});

	test('are empty where the kernel tells none', () => {
		expect(mitigationsIn(join(folder, 'gone'))).toEqual({});
	});
});

test('the environment of this machine holds Node’s version and the tools’, missing where there is none', async () => {
	const tool = (name: string, version: string | undefined) => ({ name, install: '', version: async () => version });
	const environment = await readEnvironment([tool('nginx', '1.22'), tool('hotel', undefined)]);
	expect(environment.versions).toEqual({ node: process.version, nginx: '1.22', hotel: 'missing' });
	expect(environment.cpus).toBeGreaterThan(0);
	expect(environment.commit).not.toBe('');
});
