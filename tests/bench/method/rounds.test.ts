import { takeTurns } from '../../../bench/method/rounds.ts';

const rounds = { count: 3, seconds: 4, warmUp: 1 };
const quiet = (): void => {};

test('turns are taken a round after the other, each begun by another one, and the warm-up counts for nobody', async () => {
	const order: string[] = [];
	const turn = (name: string) => ({
		name,
		measure: async (seconds: number) => {
			order.push(`${name}${seconds}`);
			return order.length;
		},
	});
	const outcomes = await takeTurns([turn('a'), turn('b')], rounds, quiet);
	expect(order).toEqual(['a1', 'b1', 'b4', 'a4', 'a4', 'b4', 'b4', 'a4']);
	expect(outcomes).toEqual([{ samples: [4, 5, 8] }, { samples: [3, 6, 7] }]);
});

test('who fails is left out from then on and has no samples; the others go on', async () => {
	let asked = 0;
	const outcomes = await takeTurns(
		[
			{ name: 'well', measure: async () => 1 },
			{
				name: 'ill',
				measure: async () => {
					if (++asked > 1) throw new Error('died under load');
					return 1;
				},
			},
		],
		rounds,
		quiet,
	);
	expect(outcomes).toEqual([{ samples: [1, 1, 1] }, { failed: 'died under load' }]);
	expect(asked).toBe(2);
});

test('without a warm-up every round counts', async () => {
	const outcomes = await takeTurns([{ name: 'a', measure: async () => 1 }], { ...rounds, warmUp: 0 }, quiet);
	expect(outcomes).toEqual([{ samples: [1, 1, 1] }]);
});
