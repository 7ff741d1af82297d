import type { Stats, statSync } from 'node:fs';
import { veilFor } from '../../../launcher/drivers/veil.ts';

const folders: Record<string, Partial<Stats>> = {
	'/root': { uid: 0, gid: 0, mode: 0o700 },
	'/srv': { uid: 0, gid: 0, mode: 0o755 },
	'/srv/group': { uid: 0, gid: 77, mode: 0o750 },
	'/srv/own': { uid: 500, gid: 500, mode: 0o700 },
};
const stat = ((path: string) => folders[path] ?? { uid: 0, gid: 0, mode: 0o755 }) as unknown as typeof statSync;

describe('veil', () => {
	test('is empty where the user can enter every folder above', () => {
		expect(veilFor(500, 500, ['/srv/tenant', '/usr/bin'], stat)).toEqual({ veil: [], reveal: [] });
	});

	test('covers the first closed folder and shows only what is needed below it', () => {
		const needed = ['/root/clone/tenants/hello', '/root/clone/node_modules/node/bin', '/usr/bin'];
		expect(veilFor(500, 500, needed, stat)).toEqual({ veil: ['/root'], reveal: needed.slice(0, 2) });
	});

	test('shows a folder once where another needed one lies below it', () => {
		expect(veilFor(500, 500, ['/root/a', '/root/a/b'], stat)).toEqual({ veil: ['/root'], reveal: ['/root/a'] });
	});

	test('goes by owner, then group, then others, as the kernel does', () => {
		expect(veilFor(500, 500, ['/srv/own/x', '/srv/group/x'], stat).veil).toEqual(['/srv/group']);
		expect(veilFor(600, 77, ['/srv/own/x', '/srv/group/x'], stat).veil).toEqual(['/srv/own']);
	});

	test('root needs none', () => {
		expect(veilFor(0, 0, ['/srv/own/x'], stat).veil).toEqual([]);
	});
});
