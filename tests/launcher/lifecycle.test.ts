import {
	type Effect,
	type Event,
	isTransitional,
	lifecycle,
	type State,
	transition,
} from '../../launcher/lifecycle.ts';

/**
 * The whole table once more, as text: a row an event, a column a state. `.` ignored, `w` the knock waits, `!` cannot come, else
 * the next state and its effects. Who changes a cell must change it in both places, and so has to mean it.
 */
const expected = `
event    | stopped       | queued                   | starting                 | ready                    | draining                | stopping             | failing          | failed
knock    | queued:queue  | w                        | w                        | ready:grant              | w                       | w                    | w                | failed:denyFailed
slot     | .             | starting:launch          | !                        | !                        | !                       | !                    | !                | !
busy     | .             | stopped:denyBusy,rest    | !                        | !                        | !                       | !                    | !                | !
adopted  | starting:     | !                        | !                        | !                        | !                       | !                    | !                | !
ready    | !             | !                        | ready:grant,mind         | .                        | .                       | .                    | .                | !
leased   | .             | .                        | .                        | ready:mind               | .                       | .                    | .                | .
unleased | .             | .                        | .                        | ready:mind               | stopping:signal         | .                    | .                | .
idle     | !             | !                        | !                        | stopping:signal          | !                       | !                    | !                | !
stop     | .             | stopped:rest             | stopping:signal          | draining:unmind,revoke   | .                       | .                    | stopping:kill    | stopped:rest
leaving  | !             | !                        | .                        | draining:unmind,revoke   | .                       | .                    | .                | !
deaf     | !             | !                        | .                        | draining:unmind,deafen   | draining:deafen         | .                    | .                | !
crash    | !             | !                        | failing:kill             | failing:unmind,gone,kill | stopping:gone,kill      | .                    | .                | !
empty    | !             | !                        | failed:backOff           | failed:unmind,gone,backOff | stopped:gone,rest     | stopped:gone,rest    | failed:backOff   | !
timeout  | !             | stopped:denyTimeout,rest | failing:denyTimeout,kill | !                        | stopping:signal         | stopping:kill        | failing:kill     | stopped:rest
renewed  | stopped:rest  | .                        | .                        | ready:mind               | .                       | .                    | .                | stopped:rest
`;

const [header = [], ...rows] = expected
	.trim()
	.split('\n')
	.map((row) => row.split('|').map((cell) => cell.trim()));
const cells = rows.flatMap(([event, ...row]) =>
	row.map((cell, column) => ({ state: header[column + 1] as State, event: event as Event, cell })),
);

test.each(cells)('$state + $event: $cell', ({ state, event, cell }) => {
	expect(transition(state, event)).toEqual(parseCell(state, cell));
});

test('the table has no cell that is not told above', () => {
	const named = Object.entries(lifecycle).flatMap(([state, row]) =>
		Object.keys(row).map((event) => `${state} ${event}`),
	);
	expect(named.sort()).toEqual(cells.map(({ state, event }) => `${state} ${event}`).sort());
});

test('every state but stopped and ready ends by itself', () => {
	const states = Object.keys(lifecycle) as State[];
	expect(states.filter((state) => !isTransitional(state))).toEqual(['stopped', 'ready']);
});

test('every state that ends by itself has a way out when its timer fires', () => {
	for (const state of (Object.keys(lifecycle) as State[]).filter(isTransitional)) {
		const { next, effects } = transition(state, 'timeout');
		expect(next !== state || effects.includes('kill')).toBe(true);
	}
});

test('an instance is launched by its turn alone, so that at most one is in flight', () => {
	const launching = cells.filter(({ state, event }) => transition(state, event).effects.includes('launch'));
	expect(launching.map(({ state, event }) => `${state} ${event}`)).toEqual(['queued slot']);
});

test('nobody who knocks at a tenant that is going down is denied', () => {
	for (const state of ['draining', 'stopping', 'failing'] as const) expect(lifecycle[state].knock).toBe('waits');
});

test('a state with processes becomes stopped or failed only when the VPS is empty', () => {
	const down = (state: State): boolean => state === 'stopped' || state === 'failed';
	const leaving = cells.filter(
		({ state, event }) => !down(state) && state !== 'queued' && down(transition(state, event).next),
	);
	expect(new Set(leaving.map(({ event }) => event))).toEqual(new Set(['empty']));
});

function parseCell(state: State, cell: string): ReturnType<typeof transition> {
	if (cell === '.' || cell === 'w' || cell === '!') return { next: state, effects: [], expected: cell !== '!' };
	const [next = '', effects = ''] = cell.split(':');
	return {
		next: next as State,
		effects: effects.split(',').filter((effect) => effect !== '') as Effect[],
		expected: true,
	};
}
