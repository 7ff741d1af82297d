import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { TenantExplanation, TenantStatus } from '../../launcher/protocol/control.ts';
import { call, callAndStay } from './caller.ts';
import { freePort } from './freeport.ts';
import { House, type TenantFiles } from './house.ts';
import { longEnough } from './nodestart.ts';

/** Says back what it hears; `stop` in it ends the connection. */
const echo = `
import { createServer } from 'node:net';
createServer((socket) => {
	socket.on('error', () => {});
	socket.on('data', (chunk) => (String(chunk).includes('stop') ? socket.end(chunk) : socket.write(chunk)));
}).listen(process.env.PORT);
`;

function echoing(id: number, name: string, port: number): TenantFiles {
	return {
		yaml: { id, name, addresses: [`127.0.0.1:${port}/tcp`], port, command: ['node', 'echo.mjs'] },
		files: { 'echo.mjs': echo },
	};
}

function failing(id: number, name: string, port: number, keys: Readonly<Record<string, unknown>>): TenantFiles {
	return { yaml: { id, name, addresses: [`127.0.0.1:${port}/tcp`], port, ...keys } };
}

const ports = { crash: 0, stuck: 0, down: 0, busy: 0, echo: 0 };
let squatter: Server;
let house: House;
beforeAll(async () => {
	for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
	squatter = createServer((socket) => socket.destroy()).listen(ports.busy, '127.0.0.1');
	await once(squatter, 'listening');
	house = await House.start({
		tenants: {
			crash: failing(101, 'crash', ports.crash, { command: ['node', '-e', 'process.exit(3)'] }),
			stuck: failing(102, 'stuck', ports.stuck, {
				command: ['node', '-e', 'setInterval(() => {}, 1000)'],
				start: { timeout: await longEnough() },
			}),
			down: failing(103, 'down', ports.down, { command: ['false'], keep: 'down' }),
			busy: echoing(104, 'busy', ports.busy),
			echo: echoing(105, 'echo', ports.echo),
		},
	});
});
afterAll(async () => {
	squatter.close();
	await house.discard();
});

function status(tenant: string): Promise<TenantStatus> {
	return house.control({ verb: 'status', tenant }) as Promise<TenantStatus>;
}

function explain(tenant: string): Promise<TenantExplanation> {
	return house.control({ verb: 'explain', tenant }) as Promise<TenantExplanation>;
}

test('a visitor of a tenant that cannot start is reset, and so is the next one while it backs off', async () => {
	const backsOff = async (): Promise<boolean> => {
		const { state, because } = await explain('crash');
		return state === 'failed' && /turned away until \d{4}-.*first one after that starts it/.test(because.join(' '));
	};
	const isReset = async (): Promise<void> => {
		const visits = await Promise.all([call(ports.crash, 'hello'), call(ports.crash)]);
		expect(visits.map(({ end }) => end)).toEqual(['ECONNRESET', 'ECONNRESET']);
	};
	// Each pause is twice as long as the last: the first may be over before a slow machine has looked.
	do await isReset();
	while (!(await backsOff()));
	await isReset();
});

test('a visitor of a tenant that does not get ready is reset at its start.timeout, and explain says that he waits', async () => {
	const visit = call(ports.stuck, 'hello');
	let why = await explain('stuck');
	while (why.state !== 'starting') why = await explain('stuck');
	expect(why.because).toContain(`1 visitor in the queue of 127.0.0.1:${ports.stuck}.`);
	expect((await visit).end).toBe('ECONNRESET');
});

test('a visitor of a tenant that is kept down is reset', async () => {
	expect((await call(ports.down)).end).toBe('ECONNRESET');
	expect((await status('down')).state).toBe('stopped');
});

test('an address that is busy is told, nobody is invited to it, and it is served as soon as it is free', async () => {
	const { unreachable } = await status('busy');
	expect(unreachable).toMatchObject([{ address: `127.0.0.1:${ports.busy}`, why: expect.stringMatching(/EADDRINUSE/) }]);
	expect((await explain('busy')).because.join(' ')).toContain(`cannot be reached at 127.0.0.1:${ports.busy}`);
	expect(house.output).toContain(`busy: cannot listen on 127.0.0.1:${ports.busy}`);
	expect(house.output).not.toContain(`tcp://127.0.0.1:${ports.busy}`);
	expect(house.output).toContain(`tcp://127.0.0.1:${ports.echo}`);
	squatter.close();
	await house.control({ verb: 'reload' });
	expect((await status('busy')).unreachable).toEqual([]);
	expect(await call(ports.busy, 'stop')).toEqual({ heard: 'stop', end: 'end' });
});

test('connections are counted, and what they hold awake is told', async () => {
	const visitors = await Promise.all([callAndStay(ports.echo, 'one'), callAndStay(ports.echo, 'two')]);
	expect((await house.row('echo')).connections).toBe(2);
	const { because, next } = await explain('echo');
	expect(because).toContain(`It is in use: 2 connections to 127.0.0.1:${ports.echo}.`);
	expect(next?.heldBy).toBe(`2 connections to 127.0.0.1:${ports.echo}`);
	for (const visitor of visitors) visitor.destroy();
	while ((await house.row('echo')).connections > 0) await new Promise((resolve) => setTimeout(resolve, 20));
});
