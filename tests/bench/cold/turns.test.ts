import { orderOf, paired, takeTurns } from '../../../bench/cold/turns.ts';

const limits = { warmUps: 1, fewest: 2, most: 4, forMs: 1e6, enough: () => false };
const quiet = (): void => {};

test('each round begins with the next one, and every other one goes backwards', () => {
	expect([0, 1, 2, 3].map((round) => orderOf(round, 3))).toEqual([
		[0, 1, 2],
		[0, 2, 1],
		[2, 0, 1],
		[2, 1, 0],
	]);
});

test('rounds that warm up do not count; who sits a round out has no sample in it', async () => {
	let asked = 0;
	const outcomes = await takeTurns(
		[
			{ name: 'steady', measure: async () => 1 },
			{ name: 'slow to rest', measure: async () => (asked++ % 2 === 0 ? 2 : undefined) },
		],
		limits,
		quiet,
	);
	expect(outcomes.get('steady')?.samples).toEqual([1, 1, 1, 1]);
	expect(outcomes.get('slow to rest')?.samples).toEqual([undefined, 2, undefined, 2]);
});

test('who fails is left out from then on and says why; the others go on', async () => {
	const outcomes = await takeTurns(
		[
			{ name: 'well', measure: async () => 1 },
			{ name: 'ill', measure: () => Promise.reject(new Error('its port is taken')) },
		],
		limits,
		quiet,
	);
	expect(outcomes.get('well')?.samples).toHaveLength(4);
	expect(outcomes.get('ill')).toEqual({ samples: [], failed: 'its port is taken' });
});

test('it ends when it is told that it is enough, or when the time is over, but never before the fewest', async () => {
	const turn = { name: 'a', measure: async () => 1 };
	const enough = await takeTurns([turn], { ...limits, fewest: 10, most: 100, enough: () => true }, quiet);
	expect(enough.get('a')?.samples).toHaveLength(10);
	let now = 0;
	const late = await takeTurns([turn], { ...limits, fewest: 3, most: 100, forMs: 5 }, quiet, () => (now += 10));
	expect(late.get('a')?.samples).toHaveLength(3);
});

test('pairs are of rounds in which both were measured', () => {
	expect(paired({ samples: [1, undefined, 3, 4] }, { samples: [10, 20, undefined, 40] })).toEqual({
		one: [1, 4],
		other: [10, 40],
	});
});
