import { LodgingHouse, makeTenant } from './lodging-house.ts';

const always = makeTenant(101, { keep: 'always' });
const tcp = { hosts: [], addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' as const }] };

test('keep: always is started at boot, never reaped, and started again when it ends', () => {
	const house = new LodgingHouse(always);
	house.lodging.apply(always);
	house.driver.last.listen();
	house.clock.advance(3_600_000);
	expect(house.state(101)).toBe('ready');
	house.driver.last.end('exit:0');
	house.driver.last.listen();
	expect(house.state(101)).toBe('ready');
	expect(house.driver.instances).toHaveLength(2);
});

test('keep: always backs off when it crashes, and comes back by itself', () => {
	const house = new LodgingHouse(always);
	house.lodging.apply(always);
	house.driver.last.end('exit:1');
	expect(house.state(101)).toBe('failed');
	house.clock.advance(1000);
	expect(house.state(101)).toBe('starting');
});

test('keep: always that an operator stopped stays down until somebody knocks', async () => {
	const house = new LodgingHouse(always);
	house.lodging.apply(always);
	house.driver.last.listen();
	const stopped = house.lodging.stop(101);
	house.driver.last.end('signal:15');
	await stopped;
	house.clock.advance(3_600_000);
	expect(house.state(101)).toBe('stopped');
	expect(house.facts(101).heldDown).toBe(true);
	house.wake(101);
	house.driver.last.end('signal:9');
	expect(house.state(101)).toBe('starting');
});

test('keep: always waits for its turn however many do', () => {
	const house = new LodgingHouse(makeTenant(102), always);
	house.caps = { atOnce: 1, running: 1, waiting: 0 };
	house.acquire(102);
	house.lodging.apply(always);
	expect(house.state(101)).toBe('queued');
	house.clock.advance(29_000);
	house.driver.last.end('exit:1');
	expect(house.state(101)).toBe('starting');
});

test('keep: down is never started; a knock is denied', () => {
	const down = makeTenant(101, { keep: 'down' });
	const house = new LodgingHouse(down);
	house.lodging.apply(down);
	expect(house.acquire(101)).toEqual([{ granted: false, reason: 'failed', retryAfter: 60 }]);
	expect(house.driver.instances).toEqual([]);
	expect(house.driver.watched).toEqual([]);
});

test('a tenant that is set to down is drained and stopped; one set to always is started', () => {
	const house = new LodgingHouse(makeTenant(101));
	const instance = house.wake(101);
	house.apply(makeTenant(101, { keep: 'down' }));
	expect(house.told).toEqual(['revoke 101/1']);
	house.release(101, instance);
	house.driver.last.end('signal:15');
	expect(house.state(101)).toBe('stopped');
	house.apply(always);
	expect(house.state(101)).toBe('starting');
});

test('a changed command takes effect at the next start, and until then it is said', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.wake(101);
	house.apply(makeTenant(101, { command: ['newer'], port: 9090 }));
	expect(house.facts(101).instance?.outdated).toBe(true);
	expect(house.lodging.serving(101)?.port).toBe(8080);
	house.driver.last.end('signal:9');
	house.wake(101);
	expect(house.driver.last.tenant.command).toEqual(['newer']);
	expect(house.facts(101).instance?.outdated).toBe(false);
});

test('a changed idle time holds at once', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.release(101, house.wake(101));
	house.clock.advance(10_000);
	house.apply(makeTenant(101, { idle: { stop: 15_000 } }));
	house.clock.advance(5_010);
	expect(house.state(101)).toBe('stopping');
});

test('public sockets are watched while the tenant is down: at first, and each time that it is stopped again', () => {
	const tenant = makeTenant(101, tcp);
	const house = new LodgingHouse(tenant);
	house.lodging.apply(tenant);
	expect(house.driver.watched).toEqual([101]);
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.listen('tcp/127.0.5.1:25');
	expect(house.announcements('woken')).toMatchObject([{ by: { kind: 'socket', name: 'tcp/127.0.5.1:25' } }]);
	void house.lodging.stop(101);
	house.driver.last.end('signal:15');
	expect(house.driver.watched).toEqual([101, 101]);
});

test('while a tenant backs off its public sockets are not watched, or one visitor would knock without end', () => {
	const tenant = makeTenant(101, tcp);
	const house = new LodgingHouse(tenant);
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.end('exit:1');
	expect(house.driver.watched).toEqual([]);
	house.clock.advance(1000);
	expect(house.driver.watched).toEqual([101]);
});

test('a tenant at rest costs no supervisor, no timer and no launch', () => {
	const tenants = Array.from({ length: 1000 }, (_, n) => makeTenant(100 + n));
	const house = new LodgingHouse(...tenants);
	for (const tenant of tenants) house.lodging.apply(tenant);
	house.release(100, house.wake(100));
	house.clock.advance(60_010);
	house.driver.last.end('signal:15');
	expect(house.lodging.awake).toBe(0);
	expect(house.clock.pending).toBe(0);
	expect(house.driver.instances).toHaveLength(1);
	expect(house.facts(100)).toMatchObject({ state: 'stopped', wakes: 1, lastExit: 'signal:15' });
});
