import { LodgingHouse, makeTenant } from './lodging-house.ts';

const overlapping = makeTenant(101, { overlap: 'on' });
const heir = makeTenant(101, { overlap: 'on', name: 'heir' });

/** One instance finishes what it has (worker 1 has a lease on it), another is ready beside it (worker 2). */
function twoOf(tenant = overlapping): LodgingHouse {
	const house = new LodgingHouse(tenant);
	house.wake(101);
	void house.lodging.stop(101);
	house.acquire(101, 2);
	house.driver.last.exec();
	house.driver.last.listen();
	return house;
}

/** The id is another tenant's from now on. */
function swap(house: LodgingHouse, tenant = heir): void {
	house.tenants.set(101, tenant);
	house.lodging.takeTurn(tenant);
	house.lodging.apply(tenant);
}

describe('an instance that is left alone while it finishes', () => {
	/** The younger of two was idle and is gone. */
	function elderAlone(tenant = overlapping): LodgingHouse {
		const house = twoOf(tenant);
		house.release(101, 2, 60_000, 2);
		house.clock.advance(1_010);
		house.driver.last.end('signal:15');
		expect(house.driver.living(101)).toHaveLength(1);
		return house;
	}

	test('is what is told of the tenant', () => {
		const house = elderAlone();
		expect(house.facts(101)).toMatchObject({ state: 'draining', instance: { number: 1 } });
		expect(house.lodging.port(101)).toBe(8080);
	});

	test('keeps its socket to itself: the next one has the other', () => {
		const house = elderAlone();
		const answers = house.acquire(101, 3);
		house.driver.last.exec();
		house.driver.last.listen();
		expect(answers).toMatchObject([{ granted: true, instance: 3 }]);
		expect(house.lodging.live(101, 3)?.port).toBe(8081);
	});

	test('has nobody beside it where its file has forbidden that meanwhile', () => {
		const house = elderAlone();
		house.apply(makeTenant(101, { overlap: 'off' }));
		const answers = house.acquire(101, 3);
		expect(house.driver.living(101)).toHaveLength(1);
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		house.driver.last.exec();
		house.driver.last.listen();
		expect(answers).toMatchObject([{ granted: true, instance: 3 }]);
	});
});

describe('an id that is another tenant’s from one moment to the next', () => {
	test('has no visitor answered by the former one, whose restart was under way', async () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		const restart = house.lodging.restart(overlapping);
		swap(house);
		expect(await restart).toMatchObject({ granted: false });
		house.driver.last.exec();
		house.driver.last.listen();
		const answers = house.acquire(101, 2);
		house.release(101, 1);
		for (const instance of house.driver.living(101)) instance.end('signal:15');
		house.driver.last.exec();
		house.driver.last.listen();
		expect(answers).toMatchObject([{ granted: true, instance: 3 }]);
		expect(house.driver.last.tenant.name).toBe('heir');
	});

	test('is told nothing of what the former one was, asleep as it is', () => {
		const house = new LodgingHouse(overlapping);
		house.acquire(101);
		house.driver.last.fail();
		return house.settle().then(() => {
			house.clock.advance(60_000);
			swap(house);
			expect(house.facts(101)).toMatchObject({ lastFailure: undefined, lastExit: undefined, wakes: 0 });
			house.acquire(101);
			house.driver.last.end('exit:1');
			expect(house.announcements('failed').at(-1)).toMatchObject({ retryIn: 1_000 });
		});
	});

	test('waits for both of two that finish what they have, and is then served', () => {
		const house = twoOf();
		swap(house);
		const answers = house.acquire(101, 3);
		house.release(101, 2, 0, 2);
		house.driver.instances[1]?.end('signal:15');
		expect(house.driver.living(101)).toHaveLength(1);
		expect(answers).toEqual([]);
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		house.driver.last.exec();
		house.driver.last.listen();
		expect(answers).toMatchObject([{ granted: true, instance: 3 }]);
		expect(house.driver.last.tenant.name).toBe('heir');
	});

	test('is started once the last one of the former is gone, where it is to run always', () => {
		const house = twoOf();
		house.release(101, 2, 60_000, 2);
		house.clock.advance(1_010);
		house.driver.last.end('signal:15');
		swap(house, makeTenant(101, { name: 'heir', keep: 'always' }));
		expect(house.driver.living(101)).toHaveLength(1);
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		expect(house.driver.last.tenant.name).toBe('heir');
	});

	test('has all instances of the former drained that a restarted launcher finds, and nobody beside them', () => {
		const house = new LodgingHouse(heir);
		const found = { started: house.clock.now(), notified: '' };
		house.lodging.awaitWorkers([1]);
		const [older, younger] = [house.driver.plant(overlapping, 7), house.driver.plant(overlapping, 8, 2)];
		house.lodging.adoptForeign(heir, { ...found, instance: 7, pid: 7, listening: ['hall/101'] });
		house.lodging.adoptForeign(heir, { ...found, instance: 8, pid: 8, listening: ['hall/101/2'] });
		house.lodging.hello(1, [{ id: 101, instance: 7 }]);
		expect(younger.signals).toEqual(['SIGTERM']);
		const answers = house.acquire(101, 2);
		expect(house.driver.living(101)).toHaveLength(2);
		house.release(101, 7);
		expect(older.signals).toEqual(['SIGTERM']);
		younger.end('signal:15');
		expect(house.driver.living(101)).toEqual([older]);
		older.end('signal:15');
		house.driver.last.exec();
		house.driver.last.listen();
		expect(answers).toMatchObject([{ granted: true }]);
	});
});

describe('while a restart is under way', () => {
	test('a change of the tenant’s file holds for the new one, too', async () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		const restart = house.lodging.restart(overlapping);
		house.apply(makeTenant(101, { overlap: 'on', idle: { stop: 5_000 } }));
		house.driver.last.exec();
		house.driver.last.listen();
		await restart;
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		house.clock.advance(6_010);
		expect(house.driver.last.signals).toEqual(['SIGTERM']);
	});

	test('an operator who stops the tenant stops both, and the restart has failed', async () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		const restart = house.lodging.restart(overlapping);
		void house.lodging.stop(101);
		expect(await restart).toMatchObject({ granted: false, reason: 'failed' });
		house.release(101, 1);
		for (const instance of house.driver.living(101)) instance.end('signal:15');
		expect(house.driver.living(101)).toHaveLength(0);
		expect(house.lodging.awake).toBe(0);
	});

	test('the old one’s state is its own: how long it has been in it, and what a crash costs it', async () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		const { since } = house.facts(101);
		house.clock.advance(5_000);
		const restart = house.lodging.restart(overlapping);
		house.driver.last.end('exit:1');
		await restart;
		expect(house.facts(101)).toMatchObject({ state: 'ready', since });
		house.driver.instances[0]?.end('exit:1');
		expect(house.announcements('failed').at(-1)).toMatchObject({ instance: 1, retryIn: 0 });
	});

	test.each([
		['ended', (house: LodgingHouse): void => house.driver.last.end('exit:3'), 'exit'],
		['was not ready in time', (house: LodgingHouse): void => house.clock.advance(30_000), 'timeout'],
	])('a new one that %s is announced as failed, not as stopped, and is not tried again', (_how, fail, failure) => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		void house.lodging.restart(overlapping);
		house.driver.last.exec();
		fail(house);
		if (house.driver.last.alive) house.driver.last.end('signal:9');
		expect(house.announcements('stopped')).toEqual([]);
		expect(house.announcements('failed')).toMatchObject([{ instance: 2, failure, retryIn: undefined }]);
		house.clock.advance(120_000);
		expect(house.driver.instances).toHaveLength(2);
		expect(house.state(101)).toBe('ready');
	});

	test('a launcher that is started again goes on with the old one until the new one is ready', () => {
		const house = new LodgingHouse(overlapping);
		const found = { started: house.clock.now(), notified: '' };
		const [older, younger] = [house.driver.plant(overlapping, 7), house.driver.plant(overlapping, 8, 2)];
		house.lodging.adopt(overlapping, { ...found, instance: 7, pid: 7, listening: ['hall/101'] });
		house.lodging.adopt(overlapping, { ...found, instance: 8, pid: 8, listening: [] });
		expect(house.acquire(101)).toMatchObject([{ granted: true, instance: 7 }]);
		expect(older.signals).toEqual([]);
		younger.listen();
		expect(house.acquire(101, 2)).toMatchObject([{ granted: true, instance: 8 }]);
		house.release(101, 7);
		expect(older.signals).toEqual(['SIGTERM']);
	});
});

describe('a second instance that does not get ready while the first finishes', () => {
	test('leaves who waits for it to the next one, which is started alone', () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		void house.lodging.stop(101);
		const answers = house.acquire(101, 2);
		house.driver.last.end('exit:1');
		expect(answers).toEqual([]);
		expect(house.state(101)).toBe('draining');
		answers.push(...house.acquire(101, 3));
		expect(house.driver.living(101)).toHaveLength(1);
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		house.driver.last.exec();
		house.driver.last.listen();
		expect(answers).toMatchObject([{ granted: true, instance: 3 }]);
	});

	test('is the last that is tried beside another, until the file changes', () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		void house.lodging.stop(101);
		house.acquire(101, 2);
		house.driver.last.end('exit:1');
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		house.driver.last.exec();
		house.driver.last.listen();
		void house.lodging.stop(101);
		house.acquire(101, 3);
		expect(house.driver.living(101)).toHaveLength(1);
		house.apply(makeTenant(101, { overlap: 'on' }));
		house.acquire(101, 4);
		expect(house.driver.living(101)).toHaveLength(2);
	});

	test('fails as any does where the first is gone by then', () => {
		const house = new LodgingHouse(overlapping);
		house.wake(101);
		void house.lodging.stop(101);
		const answers = house.acquire(101, 2);
		house.release(101, 1);
		house.driver.instances[0]?.end('signal:15');
		house.driver.last.end('exit:1');
		expect(answers).toMatchObject([{ granted: false, reason: 'failed' }]);
	});

	test('has its visitors wait, too, where there is no room for two', () => {
		const house = new LodgingHouse(overlapping, makeTenant(102, { idle: { stop: undefined } }));
		house.wake(101);
		house.wake(102, 9);
		house.caps = { ...house.caps, running: 2 };
		void house.lodging.stop(101);
		house.caps = { ...house.caps, running: 1 };
		const answers = house.acquire(101, 2);
		expect(answers).toEqual([]);
		expect(house.state(101)).toBe('draining');
	});
});
