import type { Tenant } from '../../tenants/tenant.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

test('the first knock launches in the same tick, and the answer comes in the tick in which it listens', () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = house.acquire(101);
	expect(house.driver.instances).toHaveLength(1);
	house.clock.advance(40);
	house.driver.last.listen();
	expect(answers).toEqual([{ granted: true, instance: 1, wake: 'start', waited: 40 }]);
});

test('a thousand first visitors make one launch and get a thousand answers', () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = Array.from({ length: 1000 }, () => house.acquire(101));
	house.driver.last.listen();
	expect(house.driver.instances).toHaveLength(1);
	expect(answers.flat().filter((answer) => answer.granted)).toHaveLength(1000);
});

test('a knock at a ready instance is answered at once and wakes nothing', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.wake(101);
	expect(house.acquire(101, 2)).toEqual([{ granted: true, instance: 1, wake: 'none', waited: 0 }]);
	expect(house.facts(101).leases).toBe(2);
});

test('a knock for a tenant that is not there is denied as unknown', () => {
	expect(new LodgingHouse().acquire(101)).toEqual([{ granted: false, reason: 'unknown', retryAfter: 1 }]);
});

test('the worker that knocked goes: the wake that others share goes on', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101, 1);
	const [other] = [house.acquire(101, 2)];
	house.lodging.workerGone(1);
	house.driver.last.listen();
	expect(other).toMatchObject([{ granted: true }]);
	expect(house.facts(101).leases).toBe(1);
});

test('all who knocked go: the wake goes on, and the instance is reaped in its time', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101);
	house.lodging.workerGone(1);
	house.driver.last.listen();
	expect(house.state(101)).toBe('ready');
	house.clock.advance(60_010);
	expect(house.state(101)).toBe('stopping');
});

test('who woke it and how long that took is announced and remembered', () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = house.acquire(101);
	house.clock.advance(12);
	house.driver.last.listen();
	expect(answers).toHaveLength(1);
	const by = { kind: 'visitor', worker: 1, address: '192.0.2.1', request: 'GET /' };
	expect(house.announcements('woken')).toMatchObject([{ instance: 1, by, ms: 12 }]);
	expect(house.facts(101)).toMatchObject({ wakes: 1, lastWake: { by, ms: 12 } });
});

test('an operator wakes a tenant without a lease', async () => {
	const house = new LodgingHouse(makeTenant(101));
	const woken = house.lodging.wake(101);
	house.driver.last.listen();
	expect(await woken).toMatchObject({ granted: true, instance: 1 });
	expect(house.facts(101).leases).toBe(0);
});

test('a launch of which the driver hears late, when the instance has come and gone, changes nothing for the next', async () => {
	const house = new LodgingHouse(makeTenant(101));
	house.acquire(101);
	const first = house.driver.last;
	first.listen();
	first.exit('signal:9');
	house.acquire(101);
	first.empty();
	first.fail();
	await house.settle();
	expect(house.state(101)).toBe('starting');
	expect(house.facts(101).instance?.number).toBe(2);
});

describe('it is ready', () => {
	function launch(changes: Partial<Tenant>): LodgingHouse {
		const house = new LodgingHouse(makeTenant(101, changes));
		house.acquire(101);
		return house;
	}

	test('by listening in the hall, not at another socket', () => {
		const house = launch({ addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' }] });
		house.driver.last.listen('tcp/127.0.5.1:25');
		expect(house.state(101)).toBe('starting');
		house.driver.last.listen('hall/101');
		expect(house.state(101)).toBe('ready');
	});

	test('by listening at any socket where it has none in the hall', () => {
		const house = launch({ hosts: [], addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' }] });
		house.driver.last.listen('tcp/127.0.5.1:25');
		expect(house.state(101)).toBe('ready');
	});

	test('by READY=1 alone with readiness: notify', () => {
		const house = launch({ readiness: 'notify' });
		house.driver.last.listen();
		house.driver.last.notify('STATUS=loading');
		expect(house.state(101)).toBe('starting');
		expect(house.facts(101).instance?.says).toBe('loading');
		house.driver.last.notify('READY=1\nSTATUS=here');
		expect(house.state(101)).toBe('ready');
		expect(house.facts(101).instance?.says).toBe('here');
	});

	test('by a probe of its health path, begun when it listens', async () => {
		const house = launch({ readiness: { http: '/healthz' } });
		house.driver.last.exec();
		await house.settle();
		expect(house.probes).toHaveLength(0);
		house.driver.last.listen();
		expect(house.probes).toHaveLength(1);
		house.probes[0]?.succeed();
		await house.settle();
		expect(house.state(101)).toBe('ready');
	});

	test('by a connect probe, begun when it is launched, with activation: port', async () => {
		const house = launch({ activation: 'port' });
		house.driver.last.exec();
		await house.settle();
		house.probes[0]?.succeed();
		await house.settle();
		expect(house.state(101)).toBe('ready');
	});

	test('as soon as it is launched with activation: listen-fds, for its sockets listen already', async () => {
		const house = launch({ activation: 'listen-fds' });
		house.driver.last.exec();
		await house.settle();
		expect(house.state(101)).toBe('ready');
	});

	test('not by a probe that was given up when the start ended', async () => {
		const house = launch({ readiness: { http: '/healthz' }, start: { timeout: 1000 } });
		house.driver.last.listen();
		house.clock.advance(1000);
		expect(house.probes[0]?.signal.aborted).toBe(true);
		await house.settle();
		expect(house.state(101)).toBe('failing');
	});

	test('not by an event of an older instance', () => {
		const house = launch({});
		const first = house.driver.last;
		first.end('exit:1');
		house.clock.advance(1000);
		house.acquire(101);
		first.listen();
		expect(house.state(101)).toBe('starting');
	});
});

describe('an edge worker may connect ahead', () => {
	const early = (changes: Partial<Tenant> = {}): string[] => {
		const house = new LodgingHouse(makeTenant(101, changes));
		house.acquire(101, 3);
		return house.early;
	};

	test('where it knocked and the socket takes connections before the program does: it is told in the same tick, with the port', () => {
		expect(early({ port: 3000 })).toEqual(['3 101:3000']);
	});

	test('not where the program is probed, for one that serves one connection at a time would be busy with a silent one', () => {
		expect(early({ readiness: { http: '/healthz' } })).toEqual([]);
		expect(early({ activation: 'port' })).toEqual([]);
	});

	test('not where readiness is told, for what listens long before it is ready may give up on who is silent', () => {
		expect(early({ readiness: 'notify' })).toEqual([]);
	});

	test('not where nobody knocked through an edge', () => {
		const house = new LodgingHouse(makeTenant(101));
		void house.lodging.wake(101);
		expect(house.driver.instances).toHaveLength(1);
		expect(house.early).toEqual([]);
	});
});

test('visitors who waited outside are let in when a tenant with a readiness is ready, and not before', () => {
	const addresses = [{ address: '127.0.5.1', port: 25, kind: 'tcp' as const }];
	const house = new LodgingHouse(makeTenant(101, { hosts: [], addresses, readiness: 'notify' }));
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.listen('tcp/127.0.5.1:25');
	expect(house.driver.doors).toEqual([]);
	house.driver.last.notify('READY=1');
	expect(house.driver.doors).toEqual(['open 101']);
});
