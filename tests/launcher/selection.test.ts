import type { SortKey, TenantRow } from '../../launcher/protocol/control.ts';
import { inOrder, matchesGlob, selects, sortKey } from '../../launcher/selection.ts';
import { cpuTime } from '../cputime.ts';
import { made } from '../tenants/made.ts';

test.each([
	['hello', 'hello', true],
	['hello', 'hell', false],
	['hell', 'hello', false],
	['h*o', 'hello', true],
	['*', '', true],
	['', '', true],
	['', 'a', false],
	['web-?', 'web-1', true],
	['web-?', 'web-12', false],
	['*-*-?', 'a-b-c-d', true],
	['a*b*c', 'abbbcab', false],
	['a*b*c', 'abbbcabc', true],
	['h.llo', 'hello', false],
])('%s means %s: %s', (glob, word, means) => {
	expect(matchesGlob(glob, word)).toBe(means);
});

test('a pattern of many stars takes no longer than one of few, but for its length', () => {
	const time = (stars: number): number =>
		cpuTime(() => {
			for (let round = 0; round < 2000; round++) matchesGlob(`${'*a'.repeat(stars)}b`, 'a'.repeat(63));
		});
	time(2);
	expect(time(60)).toBeLessThan(100 * Math.max(1, time(2)));
});

test('who is selected: by name, id, state, owner, and whether it is awake', () => {
	const tenant = made(101, { owner: 'acme' });
	expect(selects({}, tenant, 'stopped')).toBe(true);
	expect(selects({ awake: true }, tenant, 'stopped')).toBe(false);
	expect(selects({ awake: true }, tenant, 'failed')).toBe(true);
	expect(selects({ names: ['x', '101'] }, tenant, 'ready')).toBe(true);
	expect(selects({ names: ['10?'] }, tenant, 'ready')).toBe(false);
	expect(selects({ names: ['t*'], owner: 'acme', states: ['ready'] }, tenant, 'ready')).toBe(true);
	expect(selects({ owner: 'other' }, tenant, 'ready')).toBe(false);
	expect(selects({ states: ['failed'] }, tenant, 'ready')).toBe(false);
});

test('figures fall, words and ids rise, and equal ones go by id', () => {
	const rows = [
		{ id: 3, name: 'a', memory: 10 },
		{ id: 1, name: 'c', memory: 30 },
		{ id: 2, name: 'b', memory: 10 },
	] as unknown as TenantRow[];
	const ids = (sort: SortKey): number[] =>
		rows
			.map((row) => ({ id: row.id, key: sortKey(sort, row) }))
			.sort((one, other) => inOrder(sort, one, other))
			.map(({ id }) => id);
	expect(ids('id')).toEqual([1, 2, 3]);
	expect(ids('name')).toEqual([3, 2, 1]);
	expect(ids('memory')).toEqual([1, 2, 3]);
});
