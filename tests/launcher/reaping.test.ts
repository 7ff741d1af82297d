import { LodgingHouse, makeTenant } from './lodging-house.ts';

const tcp = makeTenant(101, { addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' }], idle: { stop: 1000 } });

test('it is stopped when its idle time after the last use is over, within 10 ms', () => {
	const house = new LodgingHouse(makeTenant(101, { idle: { stop: 50 } }));
	house.release(101, house.wake(101), 0);
	house.clock.advance(49);
	expect(house.state(101)).toBe('ready');
	house.clock.advance(11);
	expect(house.state(101)).toBe('stopping');
	expect(house.announcements('reaped')).toMatchObject([{ cause: 'idle' }]);
});

test('the time that the lease outlived the last use counts as idle', () => {
	const house = new LodgingHouse(makeTenant(101));
	const instance = house.wake(101);
	house.clock.advance(30_000);
	house.release(101, instance, 2_000);
	house.clock.advance(57_000);
	expect(house.state(101)).toBe('ready');
	house.clock.advance(1_010);
	expect(house.state(101)).toBe('stopping');
});

test('a leased instance is never put to sleep', () => {
	const house = new LodgingHouse(makeTenant(101, { idle: { stop: 50 } }));
	house.wake(101);
	house.clock.advance(3_600_000);
	expect(house.state(101)).toBe('ready');
});

test('the lease of one worker keeps it awake when another gives its own back', () => {
	const house = new LodgingHouse(makeTenant(101, { idle: { stop: 50 } }));
	const instance = house.wake(101);
	house.acquire(101, 2);
	house.release(101, instance);
	house.clock.advance(1000);
	expect(house.state(101)).toBe('ready');
});

test('idle.stop: off never stops it', () => {
	const house = new LodgingHouse(makeTenant(101, { idle: { stop: undefined } }));
	house.release(101, house.wake(101));
	expect(house.clock.pending).toBe(0);
	house.clock.advance(1_000_000_000);
	expect(house.state(101)).toBe('ready');
});

test('twenty tenants with 50 ms, each knocked at around the moment of its reaping: every knock is answered', () => {
	const tenants = Array.from({ length: 20 }, (_, n) => makeTenant(101 + n, { idle: { stop: 50 } }));
	const house = new LodgingHouse(...tenants);
	let stops = 0;
	for (let round = 0; round < 100; round++) {
		for (const { id } of tenants) {
			const answers = house.acquire(id);
			for (const living of house.driver.living(id)) if (living.signals.length > 0) living.end('signal:15');
			for (const living of house.driver.living(id)) if (!living.listening) living.listen();
			const [answer] = answers;
			if (answer?.granted !== true) throw new Error(`tenant ${id} did not answer in round ${round}`);
			house.release(id, answer.instance, 0);
		}
		house.clock.advance(30 + (round % 41));
		stops = house.announcements('reaped').length;
	}
	expect(stops).toBeGreaterThan(500);
});

test('visitors who do not pass the edge are asked about: one that is there keeps it awake', async () => {
	const house = new LodgingHouse(tcp);
	house.release(101, house.wake(101));
	house.driver.outside = async () => 0;
	house.clock.advance(5_000);
	await house.settle();
	expect(house.state(101)).toBe('ready');
	house.driver.outside = async () => 400;
	house.clock.advance(1_010);
	await house.settle();
	house.driver.outside = async () => 1_100;
	house.clock.advance(595);
	await house.settle();
	expect(house.state(101)).toBe('ready');
	house.clock.advance(20);
	await house.settle();
	expect(house.state(101)).toBe('stopping');
});

test('one whose visitors are asked about is not reaped when it was leased meanwhile', async () => {
	const house = new LodgingHouse(tcp);
	house.release(101, house.wake(101));
	const asked = Promise.withResolvers<number>();
	house.driver.outside = () => asked.promise;
	house.clock.advance(1_010);
	house.acquire(101);
	asked.resolve(1_010);
	await house.settle();
	expect(house.state(101)).toBe('ready');
});

test('where the driver cannot tell, it counts as used', async () => {
	const house = new LodgingHouse(tcp);
	house.release(101, house.wake(101));
	house.driver.outside = () => Promise.reject(new Error('no answer'));
	house.clock.advance(1_010);
	await house.settle();
	expect(house.state(101)).toBe('ready');
	expect(house.clock.pending).toBe(1);
});

test('when the house is full, the longest idle makes room for who knocks', () => {
	const house = new LodgingHouse(makeTenant(101), makeTenant(102), makeTenant(103), makeTenant(104));
	house.caps = { atOnce: 4, running: 3, waiting: 10 };
	house.wake(101);
	house.release(102, house.wake(102));
	house.clock.advance(1000);
	house.release(103, house.wake(103));
	const answers = house.acquire(104);
	expect([101, 102, 103, 104].map((id) => house.state(id))).toEqual(['ready', 'stopping', 'ready', 'queued']);
	expect(house.announcements('reaped')).toMatchObject([{ cause: 'room', after: 1000 }]);
	house.driver.living(102)[0]?.end('signal:15');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true }]);
});

test('one whose visitors do not pass the edge makes no room, for it may be in use', () => {
	const house = new LodgingHouse(tcp, makeTenant(102));
	house.caps = { atOnce: 4, running: 1, waiting: 10 };
	house.release(101, house.wake(101));
	expect(house.acquire(102)).toMatchObject([{ granted: false, reason: 'busy' }]);
	expect(house.state(101)).toBe('ready');
});

test('when the house is full of what is in use, who knocks is told that it is busy', () => {
	const house = new LodgingHouse(makeTenant(101), makeTenant(102));
	house.caps = { atOnce: 4, running: 1, waiting: 10 };
	house.wake(101);
	expect(house.acquire(102)).toEqual([{ granted: false, reason: 'busy', retryAfter: 1 }]);
	expect(house.state(102)).toBe('stopped');
});

test('who waits for its turn longer than its start may take is told that time ran out', () => {
	const house = new LodgingHouse(makeTenant(101), makeTenant(102, { start: { timeout: 500 } }));
	house.caps = { atOnce: 1, running: 10, waiting: 10 };
	house.acquire(101);
	const answers = house.acquire(102);
	house.clock.advance(500);
	expect(answers).toEqual([{ granted: false, reason: 'timeout', retryAfter: 1 }]);
});

test('what its own visitors keep awake is started anew where it does not accept them any more', async () => {
	const house = new LodgingHouse(tcp);
	house.release(101, house.wake(101));
	house.driver.outside = async () => 0;
	house.clock.advance(1_010);
	await house.settle();
	expect(house.state(101)).toBe('ready');
	house.driver.deaf = true;
	house.clock.advance(1_010);
	await house.settle();
	expect(house.state(101)).toBe('stopping');
});
