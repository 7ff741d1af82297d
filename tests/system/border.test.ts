import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../launcher/native/house.ts';
import { House } from './house.ts';
import { visit } from './visitor.ts';

/* What crosses a tenant's border, tried with whole servers. The house's folder is closed, so that tenants of a root's are veiled. */
let house: House;
let programs: string;
beforeAll(async () => {
	programs = mkdtempSync(join(tmpdir(), 'innkeeper-programs-'));
	house = await House.start({
		tenants: {
			teller: {
				yaml: {
					id: 101,
					name: 'teller',
					hosts: ['teller.test'],
					command: ['/bin/sh', '-c', './notify READY=1 & exec node server.mjs'],
					readiness: 'notify',
				},
				files: {
					notify: { link: compiled(programs, 'notify') },
					'server.mjs': `
import { createServer } from 'node:http';
createServer((_, answer) => answer.end('told')).listen(process.env.PORT);
`,
				},
			},
		},
	});
});
afterAll(async () => {
	await house.discard();
	rmSync(programs, { recursive: true });
});

test('a tenant under a veil reaches its NOTIFY_SOCKET', async () => {
	expect((await visit(house, 'teller.test')).body).toBe('told');
});
