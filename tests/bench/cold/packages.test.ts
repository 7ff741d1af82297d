import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyPackages, outermost } from '../../../bench/cold/packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-packages-'));
const modules = join(folder, 'node_modules');
afterAll(() => rmSync(folder, { recursive: true }));

function install(path: string, dependencies: Record<string, string> = {}): void {
	mkdirSync(join(modules, path), { recursive: true });
	writeFileSync(join(modules, path, 'package.json'), JSON.stringify({ dependencies }));
}
install('app', { deep: '1', '@scope/one': '1' });
install('app/node_modules/deep', { flat: '1' });
install('deep');
install('flat');
install('@scope/one', { 'not-there': '1' });
install('stranger');

test('a package needs what it and its own depend on, as Node finds them, and nothing else', () => {
	expect([...outermost(['app'], modules)].sort()).toEqual(['@scope/one', 'app', 'flat']);
});

test('they are copied with all that is in them', async () => {
	const target = join(folder, 'copy');
	expect(await copyPackages(['app'], target, modules)).toEqual([]);
	expect(existsSync(join(target, 'app', 'node_modules', 'deep', 'package.json'))).toBe(true);
	expect(existsSync(join(target, 'stranger'))).toBe(false);
});

test('where one is missing nothing is copied, and its name given', async () => {
	const target = join(folder, 'none');
	expect(await copyPackages(['app', 'missing'], target, modules)).toEqual(['missing']);
	expect(existsSync(target)).toBe(false);
});
