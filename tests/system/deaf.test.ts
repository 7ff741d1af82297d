import { connect } from 'node:net';
import { call, callAndStay } from './caller.ts';
import { freePort } from './freeport.ts';
import { House, type TenantFiles } from './house.ts';
import { visit } from './visitor.ts';

/** Closes its listening socket when `/close` is asked for, and lives on; `/stream` never ends. No connection carries two requests. */
const program = `
import { createServer } from 'node:http';
const birth = crypto.randomUUID();
setInterval(() => {}, 1000);
const server = createServer((request, response) => {
	response.setHeader('Connection', 'close');
	if (request.url === '/stream') return response.write('first\\n');
	response.end(birth);
	if (request.url === '/close') server.close();
}).listen(process.env.PORT);
`;

const tenant: TenantFiles = {
	yaml: { id: 101, name: 'deaf', hosts: ['deaf.test'], command: ['node', 'server.mjs'], overlap: 'on' },
	files: { 'server.mjs': program },
};

/** Says `birth` to whoever connects, and hears nobody any more once somebody said something. */
const outdoors = `
import { createServer } from 'node:net';
const birth = crypto.randomUUID();
setInterval(() => {}, 1000);
const server = createServer((socket) => {
	socket.on('error', () => {});
	socket.once('data', () => { server.close(); socket.end(birth); });
	socket.write(birth);
}).listen(process.env.PORT);
`;

let house: House;
let port: number;
beforeAll(async () => {
	port = await freePort();
	const yaml = {
		id: 102,
		name: 'outdoors',
		addresses: [`127.0.0.1:${port}/tcp`],
		port,
		command: ['node', 'server.mjs'],
	};
	const passedBy: TenantFiles = { yaml: { ...yaml, idle: { stop: '200ms' } }, files: { 'server.mjs': outdoors } };
	house = await House.start({
		tenants: { deaf: tenant, outdoors: passedBy },
		config: { timeouts: { linger: '200ms' } },
	});
});
afterAll(() => house.discard());

test('a tenant that closed its listening socket is started anew, and its visitors are served by the next one', async () => {
	const first = (await visit(house, 'deaf.test', '/close')).body;
	const replies = await Promise.all([visit(house, 'deaf.test'), visit(house, 'deaf.test')]);
	expect(replies.map(({ status }) => status)).toEqual([200, 200]);
	for (const { body } of replies) expect(body).not.toBe(first);
	expect(house.output).toMatch(/stop +deaf +it had closed the socket that it listened on/);
});

test('what it had accepted goes on beside the next one', async () => {
	const stream = connect(house.port, '127.0.0.1');
	let heard = '';
	stream.on('data', (chunk) => {
		heard += chunk;
	});
	stream.write('GET /stream HTTP/1.1\r\nHost: deaf.test\r\n\r\n');
	while (!heard.includes('first')) await new Promise((resolve) => stream.once('data', resolve));
	await visit(house, 'deaf.test', '/close');
	expect((await visit(house, 'deaf.test')).status).toBe(200);
	expect(stream.destroyed).toBe(false);
	stream.destroy();
});

test('a tenant that closed the socket of an address of its own is started anew for who waits there', async () => {
	expect((await call(port, 'close')).end).toBe('end');
	const stays = await callAndStay(port, '');
	expect(house.output).toMatch(/stop +outdoors +it had closed the socket that it listened on/);
	stays.destroy();
});
