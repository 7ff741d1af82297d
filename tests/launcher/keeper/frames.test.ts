import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame, KeeperConnection, LARGEST_FRAME, type Message } from '../../../launcher/keeper/frames.ts';
import { seeded } from '../../noise.ts';

const folder = mkdtempSync(join(tmpdir(), 'innkeeper-frames-'));
const server = createServer();
let keeper: Socket;
let launcher: KeeperConnection;
let events: Message[];
let reports: string[];
let hear: () => void;

beforeAll(async () => {
	server.listen(join(folder, 'keeper.sock'));
	await once(server, 'listening');
});
afterAll(() => {
	server.close();
	rmSync(folder, { recursive: true });
});
beforeEach(async () => {
	const accepted = once(server, 'connection') as Promise<[Socket]>;
	events = [];
	reports = [];
	hear = () => {};
	launcher = new KeeperConnection(connect(join(folder, 'keeper.sock')), {
		onEvent: (event) => {
			// As the launcher does: what is missing is thrown.
			event.number('id');
			event.text('name');
			events.push(event);
			hear();
		},
		onEnd: () => {},
		report: (line) => reports.push(line),
	});
	[keeper] = await accepted;
});
afterEach(() => keeper.destroy());

async function lastWord(): Promise<void> {
	const heard = new Promise<void>((resolve) => {
		hear = () => (events.at(-1)?.find('name') === 'the last' ? resolve() : undefined);
	});
	keeper.write(encodeFrame('knock', { id: 1, name: 'the last' }));
	await heard;
}

test('an event that lacks what it must have is reported, and the next one is heard', async () => {
	keeper.write(encodeFrame('knock', { id: 'many' }));
	await lastWord();
	expect(reports).toEqual([expect.stringMatching(/^the keeper's "knock" is of no use: .*has no number id/)]);
});

test('a failure without its reason is one all the same', async () => {
	const asked = launcher.request('tell', { id: 1 });
	keeper.write(encodeFrame('failed', { seq: 1 }));
	await expect(asked).rejects.toThrow("the keeper's tell failed: EIO (?)");
});

test('a frame that is larger than any is passed over, however it is cut', async () => {
	const frame = Buffer.alloc(4 + LARGEST_FRAME + 1);
	frame.writeUInt32LE(LARGEST_FRAME + 1);
	keeper.write(frame.subarray(0, 100));
	keeper.write(frame.subarray(100));
	await lastWord();
	expect(reports).toEqual([expect.stringMatching(/too large/)]);
	expect(events).toHaveLength(1);
});

test('what fits into no frame is refused, not thrown', async () => {
	await expect(launcher.request('start', { arg: 'x'.repeat(LARGEST_FRAME) })).rejects.toThrow(RangeError);
	await expect(launcher.request('start', { arg: 'a\0b' })).rejects.toThrow(RangeError);
});

test('noise in frames ends nothing', async () => {
	const random = seeded(5);
	for (let round = 0; round < 2000; round++) {
		const good = encodeFrame(round % 2 === 0 ? 'knock' : 'done', { seq: round, id: 101, name: 'hall/101', port: 'x' });
		const body = good.subarray(4);
		for (let change = 0; change < 3; change++) body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
		keeper.write(good);
	}
	await lastWord();
	expect(await Promise.race([once(keeper, 'close'), Promise.resolve('open')])).toBe('open');
});
