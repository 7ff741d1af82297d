import { Deadline, Deadlines } from '../../proxy/deadlines.ts';

/** Time that goes on by `pass` alone. */
class HandClock {
	time = 0;
	readonly timers: { at: number; then: () => void }[] = [];
	now = (): number => this.time;
	wall = (): number => this.time;
	after = (ms: number, then: () => void): (() => void) => {
		const timer = { at: this.time + ms, then };
		this.timers.push(timer);
		return () => void this.timers.splice(this.timers.indexOf(timer), 1);
	};

	pass(ms: number): void {
		const end = this.time + ms;
		for (;;) {
			const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
			if (next === undefined) break;
			this.timers.splice(this.timers.indexOf(next), 1);
			this.time = next.at;
			next.then();
		}
		this.time = end;
	}
}

function named(fired: string[], name: string): Deadline {
	return new Deadline(() => void fired.push(name));
}

test('deadlines expire in the order in which they were armed, when their time is over and not before', () => {
	const clock = new HandClock();
	const deadlines = new Deadlines(clock);
	const fired: string[] = [];
	const list = deadlines.create(100);
	list.arm(named(fired, 'a'), clock.now());
	clock.pass(50);
	list.arm(named(fired, 'b'), clock.now());
	clock.pass(49);
	expect(fired).toEqual([]);
	clock.pass(1);
	expect(fired).toEqual(['a']);
	clock.pass(55);
	expect(fired).toEqual(['a', 'b']);
});

test('arming again starts the time anew, also in another list; disarmed ones never expire', () => {
	const clock = new HandClock();
	const deadlines = new Deadlines(clock);
	const fired: string[] = [];
	const short = deadlines.create(100);
	const long = deadlines.create(1000);
	const [again, moved, disarmed] = ['again', 'moved', 'disarmed'].map((name) => named(fired, name)) as [
		Deadline,
		Deadline,
		Deadline,
	];
	for (const deadline of [again, moved, disarmed]) short.arm(deadline, clock.now());
	clock.pass(60);
	short.arm(again, clock.now());
	long.arm(moved, clock.now());
	disarmed.disarm();
	clock.pass(60);
	expect(fired).toEqual([]);
	clock.pass(50);
	expect(fired).toEqual(['again']);
	clock.pass(1000);
	expect(fired).toEqual(['again', 'moved']);
});

test('there is one timer while anything is armed, and none otherwise', () => {
	const clock = new HandClock();
	const deadlines = new Deadlines(clock);
	const lists = [50, 500, 5000].map((duration) => deadlines.lasting(duration));
	expect(clock.timers).toHaveLength(0);
	for (let i = 0; i < 1000; i++) lists[i % 3]?.arm(new Deadline(() => {}), clock.now());
	expect(clock.timers).toHaveLength(1);
	clock.pass(6000);
	expect(clock.timers).toHaveLength(0);
});

test('a duration that changes holds for what is armed already', () => {
	const clock = new HandClock();
	const deadlines = new Deadlines(clock);
	const fired: string[] = [];
	const list = deadlines.create(10_000);
	list.arm(named(fired, 'a'), clock.now());
	list.duration = 100;
	deadlines.expect(clock.now());
	clock.pass(110);
	expect(fired).toEqual(['a']);
});

test('a deadline may be armed again by its own expiry', () => {
	const clock = new HandClock();
	const deadlines = new Deadlines(clock);
	const list = deadlines.create(10);
	let times = 0;
	const deadline: Deadline = new Deadline(() => {
		if (++times < 3) list.arm(deadline, clock.now());
	});
	list.arm(deadline, clock.now());
	clock.pass(100);
	expect(times).toBe(3);
});
