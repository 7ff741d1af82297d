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

test('visitors of public sockets are turned away when a start fails, while the tenant backs off, and where it is kept down', () => {
	const tenant = makeTenant(101, tcp);
	const house = new LodgingHouse(tenant);
	const knock = (): void => house.lodging.knock(101, 'tcp/127.0.5.1:25');
	knock();
	expect(house.driver.turnedAway).toEqual([]);
	house.driver.last.end('exit:1');
	expect(house.driver.turnedAway).toHaveLength(1);
	knock();
	expect(house.driver.turnedAway).toHaveLength(2);
	house.clock.advance(1000);
	knock();
	expect(house.driver.turnedAway).toHaveLength(2);
	expect(house.driver.instances).toHaveLength(2);
	house.driver.last.exec();
	house.clock.advance(tenant.start.timeout);
	expect(house.driver.turnedAway).toHaveLength(2);
	house.driver.last.end('signal:9');
	expect(house.driver.turnedAway).toHaveLength(3);
	house.apply(makeTenant(101, { ...tcp, keep: 'down' }));
	knock();
	expect(house.driver.turnedAway.length).toBeGreaterThan(3);
	expect(house.driver.instances).toHaveLength(2);
});

test('visitors of a public socket go on waiting where a crash is forgiven, and behind an instance that stops', () => {
	const tenant = makeTenant(101, tcp);
	const house = new LodgingHouse(tenant);
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.listen('tcp/127.0.5.1:25');
	house.driver.last.end('signal:11');
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.listen('tcp/127.0.5.1:25');
	void house.lodging.stop(101);
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.end('signal:15');
	expect(house.driver.instances).toHaveLength(3);
	expect(house.driver.turnedAway).toEqual([]);
});

test('who waits at a socket that the live instance was made without gets the next one', async () => {
	const tenant = makeTenant(101, tcp);
	const house = new LodgingHouse(tenant);
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	const [first] = house.driver.living(101);
	first?.exec();
	await house.settle();
	first?.listen('tcp/127.0.5.1:25');
	house.apply(
		makeTenant(101, { ...tcp, addresses: [...tcp.addresses, { address: '127.0.5.1', port: 26, kind: 'tcp' }] }),
	);
	expect(house.driver.watched.at(-1)).toBe(101);
	house.lodging.knock(101, 'tcp/127.0.5.1:26');
	await house.settle();
	expect(house.state(101)).toBe('stopping');
	first?.end('signal:15');
	expect(house.state(101)).toBe('starting');
});

test('while a tenant backs off, who is turned away is all that is watched for, or one visitor would start it without end', () => {
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
