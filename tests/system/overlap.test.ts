import { connect, type Socket } from 'node:net';
import { House } from './house.ts';
import { type Hello, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

let house: House;
beforeAll(async () => {
	house = await House.start({
		tenants: {
			web: hello(101, 'web', { overlap: 'on' }),
			alone: hello(102, 'alone', { overlap: 'off', stop: { drain: '1s' } }),
		},
		config: { timeouts: { linger: '200ms' } },
	});
});
afterAll(() => house.discard());

/** A visitor who stays: an answer that never ends, as a silent WebSocket. */
async function stayer(host: string): Promise<Socket> {
	const socket = connect(house.port, '127.0.0.1');
	socket.write(`GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
	let heard = '';
	while (!heard.includes('first')) {
		await new Promise<void>((resolve) =>
			socket.once('data', (chunk) => {
				heard += chunk;
				resolve();
			}),
		);
	}
	return socket;
}

async function birth(host: string): Promise<string> {
	const reply = await visit(house, host);
	expect(reply.status).toBe(200);
	return (JSON.parse(reply.body) as Hello).birth;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('while a visitor who stays holds an instance that is to stop, others get the next one, and neither ends the other', async () => {
	const first = await birth('web.test');
	const stays = await stayer('web.test');
	const stop = house.control({ verb: 'stop', tenant: 'web' });
	await until(async () => (await house.row('web')).state === 'draining');
	const second = await birth('web.test');
	expect(second).not.toBe(first);
	expect(stays.destroyed).toBe(false);
	const { pids } = await house.row('web');
	expect(pids.length).toBeGreaterThan(1);
	for (const pid of pids) expect(await house.control({ verb: 'whois', pid })).toMatchObject({ id: 101, name: 'web' });
	stays.destroy();
	await stop;
	expect(await birth('web.test')).toBe(second);
});
