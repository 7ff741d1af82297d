import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control } from '../../launcher/control.ts';
import type { House } from '../../launcher/house.ts';
import type { Keeper } from '../../launcher/keeper/keeper.ts';
import type { ControlAnswer, Selection, TenantRow } from '../../launcher/protocol/control.ts';
import { readLines, writeLine } from '../../launcher/protocol/lines.ts';
import { streamRows } from '../../launcher/rows.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

const machine = { cgroup: '/nowhere' } as House;
let asked: string[];
const keeper: Keeper = {
	request: (verb) => {
		asked.push(verb);
		return Promise.reject(new Error('none'));
	},
	send: () => {},
};
beforeEach(() => {
	asked = [];
});

function houseOf(count: number): LodgingHouse {
	return new LodgingHouse(...Array.from({ length: count }, (_, index) => makeTenant(1000 + index)));
}

async function shown(
	house: LodgingHouse,
	selection: Selection,
	tag: House = machine,
): Promise<{ ids: number[]; left: unknown }> {
	const rows: TenantRow[] = [];
	const ledger = { house: tag, keeper, lodging: house.lodging };
	const left = await streamRows(
		ledger,
		house.tenants.values(),
		({ id }) => (id === 1001 ? 3 : 0),
		selection,
		async (some) => {
			rows.push(...some);
		},
	);
	return { ids: rows.map(({ id }) => id), left };
}

test('who is awake is shown, who sleeps is counted, and nobody who sleeps is looked at', async () => {
	const house = houseOf(500);
	house.wake(1003);
	house.wake(1001);
	const own = { ...machine, cgroup: undefined };
	expect(await shown(house, { awake: true, sort: 'id' }, own)).toEqual({
		ids: [1001, 1003],
		left: { asleep: 498, more: 0 },
	});
	expect(new Set(asked)).toEqual(new Set(['tell']));
	asked.length = 0;
	expect((await shown(house, { states: ['stopped'] }, own)).ids).toHaveLength(498);
	expect(asked).toEqual([]);
});

test('a limit tells how many more there are, sorted or not', async () => {
	const house = houseOf(500);
	house.wake(1300);
	expect(await shown(house, { limit: 2 })).toEqual({ ids: [1000, 1001], left: { asleep: 0, more: 498 } });
	expect(await shown(house, { limit: 2, sort: 'wakes' })).toEqual({
		ids: [1300, 1000],
		left: { asleep: 0, more: 498 },
	});
	expect((await shown(house, { limit: 1, sort: 'connections' })).ids).toEqual([1001]);
	expect((await shown(house, { limit: 0 })).ids).toEqual([]);
});

/** How many bytes wait in the launcher, at most, while a reader takes one line after the other. */
async function mostWaiting(count: number): Promise<{ rows: number; waiting: number }> {
	const folder = mkdtempSync(join(tmpdir(), 'innkeeper-rows-'));
	const house = houseOf(count);
	let taken = 0;
	const control = new Control(
		() => {},
		async (_request, { rows }) =>
			streamRows(
				{ house: machine, keeper, lodging: house.lodging },
				house.tenants.values(),
				() => 0,
				{},
				async (some) => {
					await rows(some);
					taken += some.length;
				},
			),
	);
	control.listen({ path: join(folder, 'control.sock') });
	const socket = connect(join(folder, 'control.sock'));
	let read = 0;
	let waiting = 0;
	readLines(socket, (line) => {
		if ((line as ControlAnswer).type === 'row') read += 1;
		waiting = Math.max(waiting, taken - read);
	});
	writeLine(socket, { verb: 'ps' });
	// Nobody reads for a while: what is made meanwhile is what waits.
	socket.pause();
	for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
	waiting = Math.max(waiting, taken - read);
	socket.resume();
	await once(socket, 'close');
	control.close();
	rmSync(folder, { recursive: true });
	return { rows: read, waiting };
}

test('what waits for a slow reader does not grow with the tenants', async () => {
	const few = await mostWaiting(2000);
	const many = await mostWaiting(20_000);
	expect([few.rows, many.rows]).toEqual([2000, 20_000]);
	expect(many.waiting).toBeLessThan(3 * few.waiting);
	expect(many.waiting).toBeLessThan(10_000);
});
