import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '../../config/load.ts';
import { Registry } from '../../tenants/registry.ts';
import { tenantKeys } from '../../tenants/schema.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { site } from '../config/site.ts';
import { freePort } from '../system/freeport.ts';

/** A copy, for whoever cloned the project may have let others write to it. */
const folder = mkdtempSync(join(tmpdir(), 'innkeeper-examples-'));
cpSync(resolve(import.meta.dirname, '../../tenants/examples'), folder, { recursive: true });
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
	chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
const { config } = readConfig(join(folder, 'innkeeper.yaml'), site, tenantKeys);
const registry = new Registry(
	{ folders: config?.tenants ?? [], defaults: config?.defaults ?? {}, reserved: config?.listen.http ?? [] },
	site.uid,
);
const running: ChildProcess[] = [];

beforeAll(() => registry.reload());
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
	for (const child of running.splice(0)) {
		child.kill('SIGKILL');
		if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
	}
});

/** Starts a tenant's program as it would be started, on a free port; resolves with the port once it answers there. */
async function start(name: string): Promise<number> {
	const tenant = [...registry.tenants()].find((candidate) => candidate.name === name) as Tenant;
	const port = await freePort();
	const [program, ...rest] = tenant.command.map((word) => (word === String(tenant.port) ? String(port) : word));
	const child = spawn(program === 'node' ? process.execPath : (program as string), rest, {
		cwd: tenant.cwd,
		env: { PATH: process.env['PATH'], ...tenant.env, PORT: String(port), VPS_ID: String(tenant.id) },
		stdio: 'ignore',
	});
	running.push(child);
	for (;;) {
		const socket = connect(port, '127.0.0.1');
		const open = await Promise.race([
			once(socket, 'connect').then(() => true),
			once(socket, 'error').then(() => false),
		]).catch(() => false);
		socket.destroy();
		if (open) return port;
		if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
		await delay(20);
	}
}

test('config and tenant files are good, and say so without a notice', () => {
	expect(config?.listen.http).toEqual([{ address: '127.0.0.1', port: 8080 }]);
	expect(registry.faults()).toEqual([]);
	expect([...registry.tenants()].map(({ id, name }) => `${id} ${name}`).sort()).toEqual([
		'101 node',
		'102 python',
		'103 live',
		'104 echo',
		'105 slow',
		'106 crash',
	]);
});

test.each(['node', 'python', 'slow', 'live'])('%s serves a page', async (name) => {
	const port = await start(name);
	const response = await fetch(`http://127.0.0.1:${port}/`);
	expect(response.status).toBe(200);
	expect(response.headers.get('content-type')).toMatch(/^text\/html/);
	expect(await response.text()).toMatch(/^<!doctype html>[\s\S]*<title>[\s\S]*<h1>[\s\S]*<\/html>\s*$/);
});

test('node shows what the visitor sent as text, not as HTML', async () => {
	const port = await start('node');
	const socket = connect(port, '127.0.0.1');
	socket.end('GET /<script> HTTP/1.1\r\nHost: <b>\r\nConnection: close\r\n\r\n');
	let heard = '';
	for await (const chunk of socket) heard += chunk;
	expect(heard).toContain('&#60;script&#62;');
	expect(heard).not.toMatch(/<script>|<b>/);
});

test('live passes on what is said over a WebSocket, and tells by events how many are there', async () => {
	const port = await start('live');
	const events = await fetch(`http://127.0.0.1:${port}/people`);
	const reader = (events.body as ReadableStream<Uint8Array>).getReader();
	const people = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
	expect(await people()).toBe('data: 0\n\n');
	const [one, other] = [1, 2].map(() => new WebSocket(`ws://127.0.0.1:${port}/chat`)) as [WebSocket, WebSocket];
	const heard = new Promise<MessageEvent>((resolve) => other.addEventListener('message', resolve));
	while (!(await people()).includes('data: 2\n\n'));
	const said = 'good evening, '.repeat(10);
	one.send(said);
	expect((await heard).data).toBe(said);
	one.close();
	while (!(await people()).includes('data: 1\n\n'));
	other.close();
	await reader.cancel();
});

test('live survives a frame that is broken, too long or cut at every byte', async () => {
	const port = await start('live');
	const upgrade = `GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`;
	for (const frame of ['81ff7fffffffffffffff00000000', '81fe7fff00000000', '8f8000000000', '880000000000']) {
		const socket = connect(port, '127.0.0.1');
		socket.write(upgrade);
		await once(socket, 'data');
		for (const byte of Buffer.from(frame, 'hex')) socket.write(Buffer.of(byte));
		await once(socket.resume(), 'end');
		socket.destroy();
	}
	expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
});

test('echo sends back what it gets', async () => {
	const socket = connect(await start('echo'), '127.0.0.1');
	socket.end('good evening');
	let heard = '';
	for await (const chunk of socket) heard += chunk;
	expect(heard).toMatch(/^Hello, .*127\.0\.0\.1\. I send back what you say\.\ngood evening$/);
});

test('crash ends before it listens', async () => {
	await expect(start('crash')).rejects.toThrow('crash ended with 1');
});
