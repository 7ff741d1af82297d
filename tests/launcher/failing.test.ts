import { FORGIVEN_CRASHES, STABLE_RUN } from '../../launcher/backoff.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

const failed = (retryAfter: number): object => ({ granted: false, reason: 'failed', retryAfter });

test('a program that ends before it is ready fails all who wait, and is told why', () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = [house.acquire(101, 1), house.acquire(101, 2)];
	house.driver.last.end('exit:1');
	expect(answers.flat()).toEqual([failed(1), failed(1)]);
	expect(house.announcements('failed')).toMatchObject([
		{ failure: 'exit', text: 'ended with status 1 before it was ready', retryIn: 1000 },
	]);
});

test('a program that cannot be made fails all who wait', async () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = house.acquire(101);
	house.driver.last.fail();
	await house.settle();
	expect(answers).toEqual([failed(1)]);
	expect(house.facts(101).lastExit).toBe('no such program');
});

test('a start that is not ready in time is killed whole, and who waits is told that it was time that ran out', () => {
	const house = new LodgingHouse(makeTenant(101, { start: { timeout: 2000 } }));
	const answers = house.acquire(101);
	house.clock.advance(2000);
	expect(answers).toEqual([{ granted: false, reason: 'timeout', retryAfter: 1 }]);
	expect(house.driver.last.killed).toBe(1);
	house.driver.last.end('signal:9');
	expect(house.announcements('failed')).toMatchObject([{ failure: 'timeout', retryIn: 1000 }]);
});

test('a knock while it backs off is denied with the time that is left', () => {
	const house = new LodgingHouse(makeTenant(101));
	for (let n = 0; n < 3; n++) {
		house.acquire(101);
		house.driver.last.end('exit:1');
		if (n < 2) house.clock.advance(10_000);
	}
	house.clock.advance(1500);
	expect(house.acquire(101)).toEqual([failed(3)]);
	expect(house.driver.instances).toHaveLength(3);
});

test('it recovers by itself: when the delay is over, a knock starts it', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101);
	house.driver.last.end('exit:1');
	house.clock.advance(1000);
	expect(house.state(101)).toBe('stopped');
	house.wake(101);
	expect(house.state(101)).toBe('ready');
});

test('each failed start doubles the delay, also while nobody is there to remember', () => {
	const house = new LodgingHouse(makeTenant(101));
	for (let n = 0; n < 8; n++) {
		house.acquire(101);
		house.driver.last.end('exit:1');
		house.clock.advance(60_000);
	}
	const delays = house.announcements('failed').map(({ retryIn }) => retryIn);
	expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

test('an instance that ran until it was told to stop clears the slate', async () => {
	const house = new LodgingHouse(makeTenant(101));
	for (let n = 0; n < 3; n++) {
		house.acquire(101);
		house.driver.last.end('exit:1');
		house.clock.advance(10_000);
	}
	house.release(101, house.wake(101));
	house.clock.advance(60_010);
	house.driver.last.end('signal:15');
	house.acquire(101);
	house.driver.last.end('exit:1');
	expect(house.announcements('failed').at(-1)?.retryIn).toBe(1000);
});

test('a new tenant file ends the back-off', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101);
	house.driver.last.end('exit:1');
	house.apply(makeTenant(101, { command: ['better'] }));
	house.acquire(101);
	expect(house.driver.last.tenant.command).toEqual(['better']);
});

test('an operator ends the back-off', async () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101);
	house.driver.last.end('exit:1');
	const woken = house.lodging.wake(101);
	house.driver.last.listen();
	expect(await woken).toMatchObject({ granted: true, instance: 2 });
});

test('a ready instance that is killed: its leases are void, and who knocks next gets the next one at once', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.wake(101);
	house.driver.last.exit('signal:9');
	const answers = house.acquire(101);
	expect(house.told).toEqual(['gone 101/1']);
	expect(house.facts(101).leases).toBe(0);
	house.driver.last.empty();
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2, wake: 'start' }]);
});

test('crashes of what had been ready are forgiven some times, then back off, and a stable run forgives again', () => {
	const house = new LodgingHouse(makeTenant(101));
	const crash = (ran: number): number | undefined => {
		house.wake(101);
		house.clock.advance(ran);
		house.driver.last.end('signal:11');
		const delay = house.announcements('failed').at(-1)?.retryIn;
		house.clock.advance(60_000);
		return delay;
	};
	for (let n = 0; n < FORGIVEN_CRASHES; n++) expect(crash(10)).toBe(0);
	expect(crash(10)).toBe(1000);
	expect(crash(10)).toBe(2000);
	expect(crash(STABLE_RUN)).toBe(0);
});

test('a daemon that detaches itself is waited for, and lives as long as any process of it', () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = house.acquire(101);
	house.driver.last.exit('exit:0');
	expect(house.state(101)).toBe('starting');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true }]);
	house.clock.advance(1000);
	expect(house.state(101)).toBe('ready');
	house.driver.last.empty();
	expect(house.state(101)).toBe('stopped');
	expect(house.told).toEqual(['gone 101/1']);
});

test('a first process that fails takes the rest of its VPS with it', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.wake(101);
	house.driver.last.exit('exit:3');
	expect(house.driver.last.killed).toBe(1);
	expect(house.state(101)).toBe('failing');
});

test('a VPS that is not empty after it was killed is killed again', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101);
	house.driver.last.exit('exit:1');
	house.clock.advance(3000);
	expect(house.driver.last.killed).toBe(4);
	expect(house.clock.pending).toBe(1);
});

test('a server that ends with 0 when it has nothing to do has not failed', () => {
	const house = new LodgingHouse(makeTenant(101));
	for (let n = 0; n < 20; n++) {
		house.release(101, house.wake(101));
		house.driver.last.end('exit:0');
	}
	expect(house.announcements('failed')).toEqual([]);
	expect(house.state(101)).toBe('stopped');
});
