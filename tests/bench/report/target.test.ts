import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkWritable } from '../../../bench/report/target.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-target-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a new file in a folder may be written', async () => {
	await expect(checkWritable(join(folder, 'run.json'))).resolves.toBeUndefined();
});

test('a folder that is not there is named, and a folder is no file', async () => {
	const there = join(folder, 'gone', 'run.json');
	await expect(checkWritable(there)).rejects.toThrow(`${there} cannot be written: there is no folder ${folder}/gone`);
	await expect(checkWritable(folder)).rejects.toThrow(/is a folder/);
});
