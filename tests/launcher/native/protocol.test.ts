import { encodeFrame } from '../../../launcher/keeper/frames.ts';
import { seeded } from '../../noise.ts';
import { TestKeeper } from './house.ts';

let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
});
afterEach(() => keeper.close());

const open = { name: 'tcp/a', id: 101, at: 'host', address: '127.0.0.1', port: 0, to: 'tenant' };
test.each([
	['an unknown verb', 'sing', {}, 'verb'],
	['an unknown key', 'open', { ...open, colour: 'red' }, 'colour'],
	['a missing key', 'open', { ...open, at: undefined }, 'at'],
	['a key that stands twice', 'open', { ...open, at: ['host', 'hall'] }, 'at'],
	['a number that is none', 'open', { ...open, id: '0x65' }, 'id'],
	['a signed number', 'open', { ...open, id: '-1' }, 'id'],
	['an id out of range', 'open', { ...open, id: 2 ** 24 }, 'id'],
	['a port out of range', 'open', { ...open, port: 65536 }, 'port'],
	['a name with a space', 'open', { ...open, name: 'a b' }, 'name'],
	['a name that is too long', 'open', { ...open, name: 'a'.repeat(65) }, 'name'],
	['an address that is none', 'open', { ...open, address: 'localhost' }, 'address'],
	['another version', 'hello', { protocol: 2 }, 'protocol'],
	['a start without a program', 'start', { id: 101, instance: 1, cwd: '/', activation: 'port' }, 'arg'],
	[
		'an unknown activation',
		'start',
		{ id: 101, instance: 1, cwd: '/', arg: '/bin/true', activation: 'magic' },
		'activation',
	],
])('%s is refused with EPROTO and changes nothing', async (_title, verb, fields, what) => {
	await expect(keeper.request(verb, fields)).rejects.toMatchObject({ error: 'EPROTO', what });
	await keeper.request('hello', { protocol: 1 });
	expect(keeper.events.filter((event) => event.verb === 'socket' || event.verb === 'vps')).toEqual([]);
});

test('open is idempotent for the same name and address, and refuses another address', async () => {
	const port = await keeper.open('tcp/a', 101);
	expect(await keeper.open('tcp/a', 101)).toBe(port);
	await expect(keeper.open('tcp/a', 101, { address: '127.0.0.2' })).rejects.toMatchObject({ error: 'EEXIST' });
});

test('an address in use is told with the step that failed', async () => {
	const port = await keeper.open('tcp/a', 101);
	await expect(keeper.open('tcp/b', 102, { port })).rejects.toMatchObject({ error: 'EADDRINUSE', what: 'bind' });
});

test('a frame cut into single bytes is one request', async () => {
	for (const byte of encodeFrame('owner', { seq: 999, pid: 1 })) keeper.raw(Buffer.from([byte]));
	expect((await keeper.request('owner', { pid: 1 })).number('id')).toBe(0);
});

test('a frame without a closing NUL is refused, and the next one is understood', async () => {
	keeper.raw(Buffer.from([3, 0, 0, 0, 0x61, 0x62, 0x63, 0, 0, 0, 0]));
	expect((await keeper.request('owner', { pid: 1 })).number('id')).toBe(0);
});

test('a frame over 1 MiB costs the launcher its life, and nothing else', async () => {
	await keeper.open('tcp/a', 101);
	const first = keeper.launcherPid;
	keeper.raw(Buffer.from([0, 0, 17, 0]));
	await keeper.lost();
	await keeper.greeted();
	expect(keeper.launcherPid).not.toBe(first);
	await keeper.event('socket', { name: 'tcp/a', id: 101 });
});

test('good requests with wrong bytes in them leave the keeper alive, and change nothing that was not asked for', async () => {
	const random = seeded(11);
	const good: [string, Record<string, string | number | string[]>][] = [
		['open', { ...open, name: 'tcp/b', id: 102 }],
		['watch', { name: 'tcp/b' }],
		['used', { name: 'tcp/b' }],
		['mend', { name: 'tcp/b' }],
		[
			'start',
			{ id: 103, instance: 3, cwd: '/', arg: ['/bin/true'], env: ['A=b'], activation: 'adopt', socket: 'tcp/b' },
		],
		['signal', { id: 103, instance: 3, signal: 15 }],
		['tell', { id: 103, instance: 3 }],
		['owner', { pid: 1 }],
		['remember', { memo: 'a word' }],
		['close', { name: 'tcp/b' }],
	];
	await keeper.open('tcp/a', 101);
	for (let round = 0; round < 3000; round++) {
		const [verb, fields] = good[round % good.length] ?? ['owner', { pid: 1 }];
		const frame = encodeFrame(verb, { seq: 0, ...fields });
		const changes = Math.floor(random() * 3);
		for (let at = 0; at < changes; at++)
			frame[4 + Math.floor(random() * (frame.length - 4))] = Math.floor(random() * 256);
		keeper.raw(frame);
	}
	expect((await keeper.request('owner', { pid: 1 })).number('id')).toBe(0);
	await keeper.request('hello', { protocol: 1 });
	await keeper.event('socket', { name: 'tcp/a', id: 101 });
});

test('noise of every kind leaves the keeper alive', async () => {
	let seed = 7;
	for (let round = 0; round < 200; round++) {
		const bytes = Buffer.alloc(round % 60);
		for (let at = 0; at < bytes.length; at++) {
			seed = (seed * 1103515245 + 12345) & 0x7fffffff;
			bytes[at] = seed >> 16;
		}
		const frame = Buffer.alloc(4 + bytes.length);
		frame.writeUInt32LE(bytes.length);
		bytes.copy(frame, 4);
		keeper.raw(frame);
	}
	expect((await keeper.request('owner', { pid: 1 })).number('id')).toBe(0);
});
