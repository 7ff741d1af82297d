import { rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './freeport.ts';
import { House } from './house.ts';
import { type Hello, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

/** Speaks first on its TCP port, once it may; it listens at once. */
const greeter = `
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
createServer((socket) => {
	socket.on('error', () => {});
	const greet = () => existsSync('go') ? socket.end('hello ' + process.pid + '\\n') : setTimeout(greet, 10);
	greet();
}).listen(process.env.PORT);
`;

/** Ends with 0 once the tenant may be ready, and takes its time, so that a launcher is killed while one runs. */
const probe = ['sh', '-c', 'sleep 0.05; test -e go'];

let house: House;
let port: number;
beforeAll(async () => {
	port = await freePort();
	house = await House.start({
		config: { timeouts: { linger: '200ms' } },
		tenants: {
			web: hello(101, 'web', { overlap: 'on', readiness: { command: probe } }),
			greeter: {
				yaml: {
					id: 102,
					name: 'greeter',
					addresses: [`127.0.0.1:${port}/tcp`],
					command: ['node', 'greeter.mjs'],
					readiness: { tcp: 'banner' },
				},
				files: { 'greeter.mjs': greeter },
			},
		},
	});
});
afterAll(() => house.discard());

/** Lets a tenant's program, or its probe, say that it is ready; false: no more. */
function allow(name: string, may: boolean): void {
	const file = join(house.folder, 'tenants', name, 'go');
	if (may) writeFileSync(file, '');
	else rmSync(file, { force: true });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await condition())) await delay(10);
}

/** A visitor who stays, with the answer's first word heard. */
async function stayer(host: string): Promise<Socket> {
	const socket = connect(house.port, '127.0.0.1');
	socket.write(`GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
	let heard = '';
	for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
		heard += chunk;
		if (heard.includes('first')) break;
	}
	return socket;
}

async function birth(host: string): Promise<string> {
	const reply = await visit(house, host);
	expect(reply.status).toBe(200);
	return (JSON.parse(reply.body) as Hello).birth;
}

/** Moments of the younger instance's start, as ms since its knock or as what is there by then. */
const moments: [string, () => Promise<unknown>][] = [
	['before it listens', () => delay(15)],
	['while it is made', () => delay(40)],
	['as soon as it has processes', () => until(async () => (await house.row('web')).pids.length > 1)],
	['while it is probed', () => until(() => house.processes().some(({ command }) => command.includes('sleep 0.05')))],
];

test.each(moments)(
	'the launcher is killed while a younger instance starts beside one that finishes, %s: visitors only wait',
	async (_, moment) => {
		allow('web', true);
		const first = await birth('web.test');
		const stays = await stayer('web.test');
		allow('web', false);
		const stopped = house.control({ verb: 'stop', tenant: 'web' }).catch(() => undefined);
		await until(async () => (await house.row('web')).state === 'draining');
		const visitors = [birth('web.test'), birth('web.test')];
		await moment();
		await house.relaunch();
		visitors.push(birth('web.test'));
		allow('web', true);
		const births = await Promise.all(visitors);
		expect(stays.destroyed).toBe(false);
		stays.destroy();
		await stopped;
		const last = await birth('web.test');
		// The elder, who is told to finish once more, may have answered some of them.
		expect(new Set([first, ...births, last]).size).toBeLessThanOrEqual(2);
		await house.control({ verb: 'stop', tenant: 'web' });
		expect((await house.row('web')).pids).toEqual([]);
	},
);

test('the elder ends while the launcher is away, and the younger is ready meanwhile', async () => {
	allow('web', true);
	const first = await birth('web.test');
	const stays = await stayer('web.test');
	allow('web', false);
	void house.control({ verb: 'stop', tenant: 'web' }).catch(() => undefined);
	await until(async () => (await house.row('web')).state === 'draining');
	const visitor = birth('web.test');
	await until(() => house.processes().some(({ command }) => command.includes('sleep 0.05')));
	const back = house.relaunch();
	stays.destroy();
	allow('web', true);
	await back;
	// The elder, whom nobody told to end meanwhile, may have answered one of them.
	expect(new Set([first, await visitor, await birth('web.test')]).size).toBeLessThanOrEqual(2);
	await house.control({ verb: 'stop', tenant: 'web' });
});

test.each([15, 200])(
	'the launcher is killed %i ms into the start of one that is asked for its banner: visitors wait outside, and are greeted',
	async (ms) => {
		allow('greeter', false);
		const greeted = async (): Promise<string> => {
			let heard = '';
			for await (const chunk of connect(port, '127.0.0.1')) heard += chunk;
			return heard;
		};
		const visitors = [greeted(), greeted()];
		await delay(ms);
		await house.relaunch();
		visitors.push(greeted());
		allow('greeter', true);
		for (const visitor of visitors) expect(await visitor).toMatch(/^hello \d+\n$/);
		await house.control({ verb: 'stop', tenant: 'greeter' });
		expect((await house.row('greeter')).pids).toEqual([]);
	},
);

test('of all that nothing is left', () => house.stop());
