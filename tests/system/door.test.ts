import { once } from 'node:events';
import { ROOT } from '../launcher/native/house.ts';
import { call, callAndStay } from './caller.ts';
import { freePort } from './freeport.ts';
import { House, type TenantFiles } from './house.ts';

/** As PostgreSQL and redis do: it listens at once, and has nothing but an error for anybody until it has loaded. */
const loading = `
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
let answer = 'LOADING';
createServer((socket) => {
	socket.on('error', () => {});
	socket.on('data', (chunk) => (String(chunk) === 'stay' ? socket.write(answer) : socket.end(answer)));
}).listen(process.env.PORT, () => setTimeout(() => {
	answer = 'PONG';
	writeFileSync(process.env.DATA + '/loaded', '');
}, 500));
process.on('SIGTERM', () => process.exit(0));
process.on('exit', () => rmSync(process.env.DATA + '/loaded', { force: true }));
`;

/** As a mail server does: it speaks first; until it has loaded, it hangs up on everybody. */
const greeting = `
import { createServer } from 'node:net';
let loaded = false;
createServer((socket) => {
	socket.on('error', () => {});
	if (loaded) socket.end('220 hello');
	else socket.destroy();
}).listen(process.env.PORT, () => setTimeout(() => { loaded = true; }, 500));
`;

/** Asks the server itself, by its address. */
const ping = `
const call = require('node:net').connect(process.env.PORT, '127.0.0.1', () => call.write('ping'));
call.on('data', (answer) => process.exit(String(answer) === 'PONG' ? 0 : 1));
call.on('error', () => process.exit(1));
`;

function tenant(id: number, name: string, program: string, port: number, readiness: unknown): TenantFiles {
	const addresses = [`127.0.0.1:${port}/tcp`];
	const command = ['node', 'server.mjs'];
	return { yaml: { id, name, addresses, command, readiness }, files: { 'server.mjs': program, 'ping.cjs': ping } };
}

const file = { command: ['sh', '-c', 'test -f "$DATA/loaded"'] };
const ports = { file: 0, asked: 0, banner: 0, drain: 0 };
let house: House;
beforeAll(async () => {
	for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
	house = await House.start({
		tenants: {
			file: tenant(101, 'file', loading, ports.file, file),
			asked: tenant(102, 'asked', loading, ports.asked, { command: ['node', 'ping.cjs'] }),
			banner: tenant(103, 'banner', greeting, ports.banner, { tcp: 'banner' }),
			drain: tenant(104, 'drain', loading, ports.drain, file),
		},
	});
});
afterAll(() => house.discard());

/** Without root no door can be shut, and a line says so. */
const withDoors = ROOT ? test : test.skip;

withDoors(
	'the first cold visitors of a server that listens before it has loaded are answered, and not told of its errors',
	async () => {
		for (let cold = 0; cold < 2; cold++) {
			const visits = await Promise.all(Array.from({ length: 5 }, () => call(ports.file, 'ping')));
			expect(new Set(visits.map(({ heard }) => heard))).toEqual(new Set(['PONG']));
			await house.control({ verb: 'stop', tenant: 'file' });
		}
	},
);

withDoors('a command may ask the server by the very address whose visitors wait', async () => {
	const visits = await Promise.all(Array.from({ length: 5 }, () => call(ports.asked, 'ping')));
	expect(new Set(visits.map(({ heard }) => heard))).toEqual(new Set(['PONG']));
});

withDoors('a server that speaks first is ready once it does', async () => {
	expect(await call(ports.banner)).toEqual({ heard: '220 hello', end: 'end' });
});

withDoors('stop lets a visitor finish; who comes meanwhile gets the next instance', async () => {
	const visitor = await callAndStay(ports.drain, 'stay');
	const [before] = (await house.row('drain')).pids;
	const stopped = house.control({ verb: 'stop', tenant: 'drain' });
	while ((await house.row('drain')).state !== 'draining') await new Promise((resolve) => setTimeout(resolve, 20));
	let late: string | undefined;
	const next = call(ports.drain, 'ping').then(({ heard }) => {
		late = heard;
	});
	visitor.write('stay');
	const [words] = await once(visitor, 'data');
	expect(String(words)).toBe('PONG');
	expect(late).toBeUndefined();
	visitor.destroy();
	await Promise.all([stopped, next]);
	expect(late).toBe('PONG');
	expect((await house.row('drain')).pids).not.toContain(before);
});
