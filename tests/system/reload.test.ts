import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { House } from './house.ts';
import { type Hello, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
beforeAll(async () => {
	house = await House.start({ tenants: { one: hello(101, 'one') } });
});
afterAll(() => house.discard());

/** Visits until the status is there: changes are taken in by a watch, soon, not at once. */
async function untilStatus(host: string, status: number): Promise<void> {
	while ((await visit(house, host)).status !== status) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function untilPrinted(text: string): Promise<void> {
	while (!house.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a new tenant is served without a restart, and a removed one no longer', async () => {
	await untilStatus('two.test', 404);
	await house.tenant('two', hello(102, 'two'));
	await untilStatus('two.test', 200);
	rmSync(join(house.folder, 'tenants', 'two'), { recursive: true });
	await untilStatus('two.test', 404);
});

test('a change is taken in without dropping a connection', async () => {
	await untilStatus('one.test', 200);
	const socket = connect(house.port, '127.0.0.1');
	let heard = '';
	socket.on('data', (chunk) => {
		heard += chunk;
	});
	socket.write('GET /stream HTTP/1.1\r\nHost: one.test\r\n\r\n');
	while (!heard.includes('first')) await once(socket, 'data');
	const before = (JSON.parse((await visit(house, 'one.test')).body) as Hello).birth;
	await house.tenant('one', {
		yaml: { id: 101, name: 'one', hosts: ['one.test', 'uno.test'], command: ['node', 'server.mjs'] },
	});
	await untilStatus('uno.test', 200);
	expect(socket.destroyed).toBe(false);
	expect((JSON.parse((await visit(house, 'uno.test')).body) as Hello).birth).toBe(before);
	socket.destroy();
});

test('a changed port holds from the next start on, and visitors never meet the difference', async () => {
	await untilStatus('one.test', 200);
	const keys = { hosts: ['one.test', 'port.test'], port: 9191 };
	await house.tenant('one', hello(101, 'one', keys));
	await untilStatus('port.test', 200);
	expect((await house.row('one')).address).toMatch(/:8080$/);
	await house.control({ verb: 'stop', tenant: 'one' });
	expect((await visit(house, 'port.test')).status).toBe(200);
	expect((await house.row('one')).address).toMatch(/:9191$/);
});

test('a tenant file that is wrong is reported by file, line and key, and the old one stays in force', async () => {
	writeFileSync(
		join(house.folder, 'tenants', 'one', 'tenant.yaml'),
		'id: 101\nname: one\ncommand: [node, server.mjs]\nkeeep: always\n',
	);
	await untilPrinted('tenant.yaml:4:');
	expect(house.output).toMatch(/keeep/);
	await untilStatus('one.test', 200);
});

test('SIGHUP with a wrong config is reported, and the old one stays in force', async () => {
	const file = join(house.folder, 'innkeeper.yaml');
	writeFileSync(file, 'listen: { http: 7 }\n');
	process.kill(house.pid, 'SIGHUP');
	await untilPrinted('innkeeper.yaml:1:');
	await untilStatus('one.test', 200);
});
