import { TICK, Wheel } from '../../launcher/wheel.ts';
import { FakeClock } from './fake-clock.ts';

let clock: FakeClock;
let wheel: Wheel;
let calls: string[];

beforeEach(() => {
	clock = new FakeClock();
	wheel = new Wheel(clock);
	calls = [];
});

test.each([1, 4, 5, 50, 999, 10_240, 10_241, 3_600_000])(
	'a call in %d ms comes then, never before and at most a tick later',
	(ms) => {
		clock.advance(3);
		const due = clock.now() + ms;
		let came = Number.NaN;
		wheel.set(due, () => (came = clock.now()));
		clock.advance(ms + 2 * TICK);
		expect(came).toBeGreaterThanOrEqual(due);
		expect(came).toBeLessThanOrEqual(due + TICK);
	},
);

test('a call whose time has come already is made at the next tick', () => {
	wheel.set(clock.now() - 5_000, () => calls.push('late'));
	clock.advance(TICK);
	expect(calls).toEqual(['late']);
});

test('calls are made in the order of their ticks, whenever they were set', () => {
	for (const ms of [300, 20, 20_000, 40, 10_020]) wheel.set(clock.now() + ms, () => calls.push(String(ms)));
	clock.advance(20_010);
	expect(calls).toEqual(['20', '40', '300', '10020', '20000']);
});

test('any number of calls have one timer, and none is set when nothing is due', () => {
	const appointments = [1, 2, 3].map((n) => wheel.set(clock.now() + n * 1000, () => {}));
	expect(clock.pending).toBe(1);
	for (const appointment of appointments) wheel.cancel(appointment);
	expect(clock.pending).toBe(0);
});

test('the timer sleeps until something is due, instead of ticking', () => {
	wheel.set(clock.now() + 8_000, () => {});
	expect(clock.untilNext).toBeGreaterThanOrEqual(8_000);
});

test('a cancelled call is not made, also where it was due in the same tick as its canceller', () => {
	const due = clock.now() + 10;
	wheel.set(due, () => wheel.cancel(second));
	const second = wheel.set(due, () => calls.push('second'));
	clock.advance(100);
	expect(calls).toEqual([]);
	expect(clock.pending).toBe(0);
});

test('a call may set the next one', () => {
	wheel.set(clock.now() + 50, () => wheel.set(clock.now() + 50, () => calls.push('again')));
	clock.advance(110);
	expect(calls).toEqual(['again']);
	expect(clock.pending).toBe(0);
});

test('a process that was held up for longer than a turn makes every call that fell due, once', () => {
	for (const ms of [10, 5_000, 11_000, 25_000]) wheel.set(clock.now() + ms, () => calls.push(String(ms)));
	clock.stall(60_000);
	clock.advance(TICK);
	expect(calls.sort()).toEqual(['10', '11000', '25000', '5000']);
});
