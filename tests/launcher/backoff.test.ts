import { Backoff, FORGIVEN_CRASHES, LONGEST_DELAY, STABLE_RUN } from '../../launcher/backoff.ts';

test('failed starts wait 1 s, then twice as long each time, and never more than a minute', () => {
	const backoff = new Backoff();
	expect(Array.from({ length: 8 }, () => backoff.startFailed())).toEqual([
		1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
	]);
});

test('it never gives up: after a thousand failures it is still a minute', () => {
	const backoff = new Backoff();
	for (let n = 0; n < 1000; n++) backoff.startFailed();
	expect(backoff.startFailed()).toBe(LONGEST_DELAY);
});

test('some crashes of what had been ready cost nothing, then they count like failed starts', () => {
	const backoff = new Backoff();
	const delays = Array.from({ length: FORGIVEN_CRASHES + 3 }, () => backoff.crashed(10));
	expect(delays).toEqual([...new Array<number>(FORGIVEN_CRASHES).fill(0), 1000, 2000, 4000]);
});

test('a crash after a stable run is the first of its kind again', () => {
	const backoff = new Backoff();
	for (let n = 0; n < 5; n++) backoff.startFailed();
	expect(backoff.crashed(STABLE_RUN)).toBe(0);
	expect(backoff.startFailed()).toBe(1000);
});

test('a reset forgets all failures', () => {
	const backoff = new Backoff();
	for (let n = 0; n < 5; n++) backoff.startFailed();
	backoff.reset();
	expect(backoff.startFailed()).toBe(1000);
});
