import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { parseCommandLine } from '../../cli/parse.ts';
import { siteOf } from '../../cli/site.ts';
import { controlPath } from '../../cli/where.ts';
import { defaultConfig } from '../../config/load.ts';
import { tenantKeys } from '../../tenants/schema.ts';
import { contextOf } from './context.ts';

const uid = process.getuid?.() ?? 0;
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'innkeeper-where-'));
	writeFileSync(join(folder, 'innkeeper.yaml'), 'run: ./r\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function where(commandLine: string[], context: Context): Promise<string> {
	const call = parseCommandLine(['ps', ...commandLine]);
	return controlPath(call, context);
}

test('--control goes before --config, that before INNKEEPER_CONTROL', async () => {
	const context = contextOf({ uid, env: { INNKEEPER_CONTROL: '/from/environment' } });
	const config = ['--config', join(folder, 'innkeeper.yaml')];
	expect(await where(['--control', '/from/option', ...config], context)).toBe('/from/option');
	expect(await where(config, context)).toBe(join(folder, 'r', 'control.sock'));
	expect(await where([], context)).toBe('/from/environment');
});

test('where no server of this user runs by default, but that of `npm start` in the same clone, it is meant', async () => {
	const clone = join(folder, 'clone');
	mkdirSync(join(clone, 'build', 'run'), { recursive: true });
	writeFileSync(join(clone, 'build', 'run', 'control.sock'), '');
	const context = contextOf({ uid: 1000, env: { HOME: join(folder, 'nobody') }, packageFolder: clone });
	expect(await where([], context)).toBe(join(clone, 'build', 'run', 'control.sock'));
	mkdirSync(join(folder, 'nobody', '.local', 'state', 'innkeeper', 'run'), { recursive: true });
	const usual = join(folder, 'nobody', '.local', 'state', 'innkeeper', 'run', 'control.sock');
	writeFileSync(usual, '');
	expect(await where([], context)).toBe(usual);
});

test.each([
	['root', 0, {}],
	['an ordinary user', 1000, { HOME: '/home/u' }],
	['an ordinary user with a runtime folder', 1000, { HOME: '/home/u', XDG_RUNTIME_DIR: '/run/user/1000' }],
])('the default for %s is where a server without those keys has it', async (_, uid, env) => {
	const context = contextOf({ uid, env: { ...env, INNKEEPER_CONTROL: '' } });
	expect(await where([], context)).toBe(defaultConfig('/', siteOf(context), tenantKeys).control);
});
