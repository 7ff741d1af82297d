import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '../../cli/folders.ts';

const uid = process.getuid?.() ?? 0;
let base: string;
const folders = () => ({
	run: join(base, 'run'),
	state: join(base, 'var/lib/innkeeper'),
	control: join(base, 'run/control.sock'),
});
const mode = (path: string): string => (statSync(join(base, path)).mode & 0o7777).toString(8);

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'innkeeper-folders-'));
});
afterEach(() => rmSync(base, { recursive: true }));

test('what is missing is made, with parents; tenants may pass through state and data and read no log', () => {
	makeFolders(folders(), uid);
	expect({
		run: mode('run'),
		state: mode('var/lib/innkeeper'),
		data: mode('var/lib/innkeeper/data'),
		logs: mode('var/lib/innkeeper/logs'),
	}).toEqual({
		run: '755',
		state: '711',
		data: '711',
		logs: '700',
	});
});

test('what is there keeps its mode, so that an operator’s choice lasts', () => {
	mkdirSync(join(base, 'run'), { mode: 0o750 });
	makeFolders(folders(), uid);
	makeFolders(folders(), uid);
	expect(mode('run')).toBe('750');
});

test('a folder that others may write to is refused, with the chmod that mends it', () => {
	mkdirSync(join(base, 'run'));
	chmodSync(join(base, 'run'), 0o777);
	expect(() => makeFolders(folders(), uid)).toThrow(
		expect.objectContaining({ message: `${base}/run may be written by others`, advice: [`chmod go-w '${base}/run'`] }),
	);
});

test('a link in the place of a folder is refused: it may lead anywhere', () => {
	mkdirSync(join(base, 'elsewhere'));
	symlinkSync(join(base, 'elsewhere'), join(base, 'run'));
	expect(() => makeFolders(folders(), uid)).toThrow(/run is no folder/);
});

test('another user’s folder is refused, but root’s is not', () => {
	mkdirSync(join(base, 'run'));
	const asAnother = (): void => makeFolders(folders(), uid + 1);
	if (uid === 0) {
		expect(asAnother).not.toThrow();
		chownSync(join(base, 'run'), 2000, 2000);
	}
	expect(asAnother).toThrow(/run belongs to user \d+, not to/);
});

test('a path that no socket can have is refused before anything is made', () => {
	const long = { ...folders(), control: join(base, 'x'.repeat(107)) };
	expect(() => makeFolders(long, uid)).toThrow(/too long for a socket: at most 107 bytes/);
	expect(() => statSync(join(base, 'run'))).toThrow(/ENOENT/);
});

test('a folder that cannot be written is refused by name, with what to do', () => {
	// Of these not even root can make anything in /proc/sys.
	const state = uid === 0 ? '/proc/sys' : '/usr';
	expect(() => makeFolders({ ...folders(), state }, uid)).toThrow(
		expect.objectContaining({
			message: expect.stringMatching(/^the folder \/(usr|proc\/sys(\/data)?) cannot be (written|made): /),
			advice: expect.arrayContaining([expect.stringMatching(/choose another `run` or `state` in the config/i)]),
		}),
	);
});
