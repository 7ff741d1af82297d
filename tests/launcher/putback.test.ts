import {
	chmodSync,
	chownSync,
	lstatSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putBack } from '../../launcher/putback.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'innkeeper-putback-'));
	file = join(folder, 'tenant.yaml');
	writeFileSync(file, 'bad');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the old text is in force again under the same owner and mode, and what was said is kept', async () => {
	chmodSync(file, 0o604);
	if (isRoot) chownSync(file, 54_321, 54_322);
	const { uid, gid } = statSync(file);
	expect(await putBack(file, 'bad', 'good')).toBe(`${file}.rejected`);
	expect(readFileSync(file, 'utf8')).toBe('good');
	expect(statSync(file)).toMatchObject({ uid, gid });
	expect(statSync(file).mode & 0o7777).toBe(0o604);
	expect(readFileSync(`${file}.rejected`, 'utf8')).toBe('bad');
	expect(readdirSync(folder).sort()).toEqual(['tenant.yaml', 'tenant.yaml.rejected']);
});

test('what was kept of an earlier time makes way', async () => {
	writeFileSync(`${file}.rejected`, 'older');
	await putBack(file, 'bad', 'good');
	expect(readFileSync(`${file}.rejected`, 'utf8')).toBe('bad');
});

test('a file that says something else by now is left alone', async () => {
	writeFileSync(file, 'better');
	await expect(putBack(file, 'bad', 'good')).rejects.toMatchObject({ code: 'file-changed' });
	expect(readFileSync(file, 'utf8')).toBe('better');
	expect(readdirSync(folder)).toEqual(['tenant.yaml']);
});

test('a link stays one, and the file that it leads to is put back', async () => {
	const link = join(folder, 'link.yaml');
	symlinkSync('tenant.yaml', link);
	expect(await putBack(link, 'bad', 'good')).toBe(`${file}.rejected`);
	expect(lstatSync(link).isSymbolicLink()).toBe(true);
	expect(readFileSync(link, 'utf8')).toBe('good');
});

test('a file that is gone is not made anew', async () => {
	rmSync(file);
	await expect(putBack(file, 'bad', 'good')).rejects.toMatchObject({ code: 'ENOENT' });
	expect(readdirSync(folder)).toEqual([]);
});
