import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageFolder } from '../cli/innkeeper.ts';
import { type Call, readCalls, straceMissing } from './strace.ts';
import { testUnless } from './visible-skip.ts';

/**
 * A look at the tenant's folder and at its file, for the trust rule, and the file is opened: what `serve` does, but for the watch (3).
 * Then whether others can read the file, which it warns of: the way to it with its links resolved, the file and its folder (4).
 */
const CALLS = 7;

/** The calls by path and the watches that `innkeeper check` makes with so many tenant files. */
async function callsOfCheck(tenants: number): Promise<readonly Call[]> {
	const folder = mkdtempSync(join(tmpdir(), 'innkeeper-check-'));
	try {
		writeFileSync(join(folder, 'innkeeper.yaml'), 'tenants: ["./tenants"]\n', { mode: 0o644 });
		for (let index = 0; index < tenants; index++) {
			mkdirSync(join(folder, 'tenants', `t${index}`), { recursive: true, mode: 0o755 });
			const yaml = `id: ${100 + index}\nname: t${index}\nhosts: ["t${index}.example"]\ncommand: ["node"]\n`;
			writeFileSync(join(folder, 'tenants', `t${index}`, 'tenant.yaml'), yaml, { mode: 0o644 });
		}
		const trace = join(folder, 'calls');
		const check = [join(packageFolder, 'bin', 'innkeeper'), 'check', '--config', join(folder, 'innkeeper.yaml')];
		const { stderr } = await execa('strace', [
			'-f',
			'-qq',
			'-e',
			'trace=%file,inotify_add_watch',
			'-o',
			trace,
			...check,
		]);
		expect(stderr).toContain(`${tenants} tenants in force`);
		return readCalls(readFileSync(trace, 'latin1'));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

testUnless(
	straceMissing(),
	`check makes ${CALLS} calls by path for each tenant file, and watches nothing`,
	async () => {
		for (const tenants of [10, 250]) {
			const calls = await callsOfCheck(tenants);
			expect(calls.filter(({ words }) => /\/tenants\/t\d/.test(words)).length).toBe(CALLS * tenants);
			expect(calls.filter(({ name }) => name === 'inotify_add_watch')).toEqual([]);
		}
	},
);
