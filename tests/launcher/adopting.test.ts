import type { Adoptable } from '../../launcher/instance.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

const tenant = makeTenant(101, { idle: { stop: 1000 } });

/** A house whose launcher was restarted while the tenant's instance 7 lived. */
function restarted(changes: Partial<Adoptable> = {}, workers: number[] = []): LodgingHouse {
	const house = new LodgingHouse(tenant);
	house.driver.plant(tenant, 7);
	house.lodging.awaitWorkers(workers);
	house.lodging.adopt(tenant, {
		instance: 7,
		pid: 4711,
		started: house.clock.now() - 3_600_000,
		listening: ['hall/101'],
		notified: '',
		...changes,
	});
	return house;
}

test('what listens is ready: a knock is granted without a launch', () => {
	const house = restarted();
	expect(house.acquire(101)).toEqual([{ granted: true, instance: 7, wake: 'none', waited: 0 }]);
	expect(house.facts(101).instance).toMatchObject({ number: 7, pid: 4711, adopted: true });
	expect(house.driver.instances).toHaveLength(1);
});

test('what was still starting is waited for, and has the whole start time once more', () => {
	const house = restarted({ listening: [] });
	const answers = house.acquire(101);
	house.clock.advance(29_999);
	expect(house.state(101)).toBe('starting');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 7, wake: 'start' }]);
});

test('what was about to stop is drained', () => {
	const house = restarted({ notified: 'READY=1\nSTOPPING=1' });
	expect(house.state(101)).toBe('stopping');
});

test('nothing is put to sleep before every edge worker has repeated its leases or is gone', () => {
	const house = restarted({}, [1, 2]);
	house.clock.advance(10_000);
	expect(house.state(101)).toBe('ready');
	house.lodging.hello(1, []);
	house.clock.advance(10_000);
	expect(house.state(101)).toBe('ready');
	house.lodging.workerGone(2);
	house.clock.advance(990);
	expect(house.state(101)).toBe('ready');
	house.clock.advance(20);
	expect(house.state(101)).toBe('stopping');
});

test('a repeated lease holds', () => {
	const house = restarted({}, [1]);
	house.lodging.hello(1, [{ id: 101, instance: 7 }]);
	house.clock.advance(10_000);
	expect(house.state(101)).toBe('ready');
	house.release(101, 7);
	house.clock.advance(1_010);
	expect(house.state(101)).toBe('stopping');
});

test('a repeated lease shows that the instance had been ready', () => {
	const house = restarted({ listening: [] }, [1]);
	house.lodging.hello(1, [{ id: 101, instance: 7 }]);
	expect(house.state(101)).toBe('ready');
});

test('an operator waits for the edge workers too', () => {
	const house = restarted({}, [1]);
	void house.lodging.stop(101);
	expect(house.state(101)).toBe('draining');
	house.lodging.hello(1, [{ id: 101, instance: 7 }]);
	expect(house.told).toEqual(['revoke 101/7', 'revoke 101/7']);
	house.release(101, 7);
	expect(house.driver.last.signals).toEqual(['SIGTERM']);
});

test('a lease on what is dead is void: the worker is told', () => {
	const house = restarted();
	house.lodging.hello(1, [
		{ id: 101, instance: 6 },
		{ id: 105, instance: 3 },
	]);
	expect(house.told).toEqual(['gone 101/6', 'gone 105/3']);
});

test('a lease that a worker does not repeat when it comes back is given back', () => {
	const house = restarted();
	house.acquire(101);
	house.lodging.hello(1, []);
	expect(house.facts(101).leases).toBe(0);
	house.clock.advance(1_010);
	expect(house.state(101)).toBe('stopping');
});

test('a worker that claims a lease on what is not ready yet gets none', () => {
	const house = new LodgingHouse(tenant);
	house.acquire(101, 2);
	house.lodging.hello(1, [{ id: 101, instance: 1 }]);
	expect(house.told).toEqual(['gone 101/1']);
	expect(house.state(101)).toBe('starting');
});

test('an adopted instance counts against the cap on running tenants', () => {
	const house = restarted({}, [1]);
	house.tenants.set(102, makeTenant(102));
	house.caps = { atOnce: 4, running: 1, waiting: 10 };
	expect(house.acquire(102)).toMatchObject([{ granted: false, reason: 'busy' }]);
});

test('the death of a worker ends its leases', () => {
	const house = new LodgingHouse(tenant);
	house.wake(101);
	house.lodging.workerGone(1);
	house.clock.advance(1_010);
	expect(house.state(101)).toBe('stopping');
});
