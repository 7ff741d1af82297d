import { connect } from 'node:net';
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

let house: House;
beforeAll(async () => {
	house = await House.start({ tenants: { deaf: tenant }, config: { timeouts: { linger: '200ms' } } });
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
