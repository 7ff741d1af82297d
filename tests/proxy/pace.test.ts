import { setImmediate as turnOver } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pace, type Paced } from '../../proxy/pace.ts';

/** A pace whose turns the test makes, and who began so far, `late` where he had to wait. */
function paced(): {
	pace: Pace;
	begun: string[];
	come: (name: string) => void;
	turn: () => void;
	planned: () => number;
} {
	const turns: (() => void)[] = [];
	const begun: string[] = [];
	const pace = new Pace((then) => turns.push(then));
	return {
		pace,
		begun,
		come: (name) => pace.begin({ begin: (waited) => begun.push(waited ? `${name} late` : name) }),
		turn: () => turns.shift()?.(),
		planned: () => turns.length,
	};
}

test('a few begin at once and ask for no turn', () => {
	const { begun, come, planned } = paced();
	for (const name of ['a', 'b', 'c']) come(name);
	expect(begun).toEqual(['a', 'b', 'c']);
	expect(planned()).toBe(0);
});

test('of a hundred that come in one turn 32 begin at once, and 32 more in each turn, in their order', () => {
	const { begun, come, turn, planned } = paced();
	for (let i = 0; i < 100; i++) come(`${i}`);
	const sizes = [begun.length];
	while (planned() > 0) {
		turn();
		sizes.push(begun.length);
	}
	expect(sizes).toEqual([32, 64, 96, 100]);
	expect(begun.map((word) => Number.parseInt(word, 10))).toEqual(Array.from({ length: 100 }, (_, i) => i));
	expect(begun.filter((word) => word.endsWith('late'))).toHaveLength(68);
});

test('who comes while others wait gets behind them', () => {
	const { begun, come, turn } = paced();
	for (let i = 0; i < 40; i++) come(`${i}`);
	come('newcomer');
	turn();
	expect(begun.at(-1)).toBe('newcomer late');
	come('next');
	expect(begun.at(-1)).toBe('next');
});

test('no more than one turn is planned at a time', () => {
	const { come, turn, planned } = paced();
	for (let i = 0; i < 500; i++) {
		come(`${i}`);
		if (i % 7 === 0) turn();
		expect(planned()).toBeLessThanOrEqual(1);
	}
});

test('one that begins another from within keeps the order and the measure', () => {
	const turns: (() => void)[] = [];
	const pace = new Pace((then) => turns.push(then));
	let begun = 0;
	const chain = { begin: () => void (++begun < 100 && pace.begin(chain)) };
	pace.begin(chain);
	expect(begun).toBe(32);
	turns.shift()?.();
	expect(begun).toBe(64);
});

test('who has begun is let go, even where somebody always waits', async () => {
	const turns: (() => void)[] = [];
	const pace = new Pace((then) => turns.push(then));
	const seen: WeakRef<Paced>[] = [];
	const come = (): void => {
		const paced = { begin: () => {} };
		seen.push(new WeakRef(paced));
		pace.begin(paced);
	};
	for (let i = 0; i < 100; i++) come();
	for (let turn = 0; turn < 1000; turn++) {
		for (let i = 0; i < 32; i++) come();
		turns.shift()?.();
	}
	await turnOver();
	setFlagsFromString('--expose-gc');
	runInNewContext('gc')();
	const kept = seen.filter((paced) => paced.deref() !== undefined).length;
	expect(kept).toBeGreaterThanOrEqual(68);
	expect(kept).toBeLessThanOrEqual(200);
});
