import { LodgingHouse, makeTenant } from './lodging-house.ts';

test('an operator stops it: leases are wanted back, then it gets its signal, then stop resolves', async () => {
	const house = new LodgingHouse(makeTenant(101, { stop: { signal: 'SIGINT', grace: 10_000, drain: 30_000 } }));
	const instance = house.wake(101);
	let stopped = false;
	const stop = house.lodging.stop(101).then(() => (stopped = true));
	expect(house.told).toEqual(['revoke 101/1']);
	expect(house.driver.last.signals).toEqual([]);
	house.release(101, instance);
	expect(house.driver.last.signals).toEqual(['SIGINT']);
	await house.settle();
	expect(stopped).toBe(false);
	house.driver.last.end('signal:2');
	await stop;
	expect(house.announcements('stopped')).toMatchObject([{ cause: 'operator', instance: 1 }]);
});

test('what does not finish by the drain deadline is signalled all the same, and its leases are void when it is gone', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.wake(101);
	void house.lodging.stop(101);
	house.clock.advance(29_999);
	expect(house.driver.last.signals).toEqual([]);
	house.clock.advance(1);
	expect(house.driver.last.signals).toEqual(['SIGTERM']);
	house.driver.last.end('signal:15');
	expect(house.told).toEqual(['revoke 101/1', 'gone 101/1']);
});

test('what ignores its signal is killed after the grace', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.release(101, house.wake(101));
	void house.lodging.stop(101);
	house.clock.advance(9_999);
	expect(house.driver.last.killed).toBe(0);
	house.clock.advance(1);
	expect(house.driver.last.killed).toBe(1);
});

test('stopped means empty: what is left behind keeps it stopping', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.release(101, house.wake(101));
	void house.lodging.stop(101);
	house.driver.last.exit('signal:15');
	expect(house.state(101)).toBe('stopping');
	house.driver.last.empty();
	expect(house.state(101)).toBe('stopped');
});

test.each(['draining', 'stopping'])('a knock while it is %s waits and gets the next instance', (state) => {
	const house = new LodgingHouse(makeTenant(101));
	const instance = house.wake(101);
	void house.lodging.stop(101);
	if (state === 'stopping') house.release(101, instance);
	expect(house.state(101)).toBe(state);
	const answers = house.acquire(101, 2);
	if (state === 'draining') house.release(101, instance);
	house.driver.last.end('signal:15');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2, wake: 'start' }]);
});

test('stopping what is stopped, or was never there, resolves at once', async () => {
	const house = new LodgingHouse(makeTenant(101));
	await house.lodging.stop(101);
	await house.lodging.stop(102);
	expect(house.driver.instances).toEqual([]);
});

test('stopping what is starting: who waits gets the next instance', () => {
	const house = new LodgingHouse(makeTenant(101));
	const answers = house.acquire(101);
	void house.lodging.stop(101);
	expect(house.driver.last.signals).toEqual(['SIGTERM']);
	house.driver.last.end('signal:15');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2 }]);
});

test('STOPPING=1: the edges finish, and the next knock gets the next instance', () => {
	const house = new LodgingHouse(makeTenant(101));
	const instance = house.wake(101);
	house.driver.last.notify('STOPPING=1');
	expect(house.told).toEqual(['revoke 101/1']);
	const answers = house.acquire(101, 2);
	house.release(101, instance);
	house.driver.last.end('exit:0');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2 }]);
	expect(house.announcements('failed')).toEqual([]);
});

test('a tenant whose file is gone is drained; who waits and who comes is told that it is unknown', async () => {
	const house = new LodgingHouse(makeTenant(101));
	const instance = house.wake(101);
	void house.lodging.stop(101);
	const waiting = house.acquire(101, 2);
	house.tenants.delete(101);
	const removed = house.lodging.remove(101);
	expect([...waiting, ...house.acquire(101, 3)]).toEqual(
		new Array(2).fill({ granted: false, reason: 'unknown', retryAfter: 1 }),
	);
	house.release(101, instance);
	house.driver.last.end('signal:15');
	await removed;
	expect(house.driver.living()).toEqual([]);
	expect(house.clock.pending).toBe(0);
});

test('a tenant whose file comes back while it is drained is there again', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.release(101, house.wake(101));
	house.tenants.delete(101);
	void house.lodging.remove(101);
	house.apply(makeTenant(101));
	const answers = house.acquire(101);
	house.driver.last.end('signal:15');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2 }]);
});

test('when the house closes, who waits is denied, all is drained, and nothing starts again', async () => {
	const house = new LodgingHouse(makeTenant(101), makeTenant(102, { keep: 'always' }), makeTenant(103));
	const instance = house.wake(101);
	house.lodging.apply(makeTenant(102, { keep: 'always' }));
	const always = house.driver.last;
	const waiting = house.acquire(103);
	const closed = house.lodging.close();
	expect([...waiting, ...house.acquire(101)]).toEqual(
		new Array(2).fill({ granted: false, reason: 'failed', retryAfter: 1 }),
	);
	house.release(101, instance);
	for (const living of house.driver.living()) living.end('signal:15');
	await closed;
	expect(always.alive).toBe(false);
	expect(house.driver.instances).toHaveLength(3);
	expect(house.clock.pending).toBe(0);
});

test('one that accepts nobody any more finishes what it has, and who knocks meanwhile gets the next one', () => {
	const house = new LodgingHouse(makeTenant(101));
	const instance = house.wake(101);
	house.driver.last.deafen();
	expect(house.told).toEqual(['deaf 101/1']);
	expect(house.driver.last.signals).toEqual([]);
	const answers = house.acquire(101, 2);
	house.release(101, instance);
	expect(house.driver.last.signals).toEqual(['SIGTERM']);
	house.driver.last.end('signal:15');
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2, wake: 'start' }]);
	expect(house.announcements('stopped')).toMatchObject([{ cause: 'deaf', instance: 1 }]);
});

test('one that is found deaf while it drains is told so, so that nobody waits in a queue that it does not serve', () => {
	const house = new LodgingHouse(makeTenant(101));
	house.wake(101);
	void house.lodging.stop(101);
	house.driver.last.deafen();
	expect(house.told).toEqual(['revoke 101/1', 'deaf 101/1']);
	expect(house.state(101)).toBe('draining');
});

const tcp = makeTenant(101, { hosts: [], addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' }] });

/** A ready instance whose visitors pass the edge by. */
function visited(): LodgingHouse {
	const house = new LodgingHouse(tcp);
	house.lodging.knock(101, 'tcp/127.0.5.1:25');
	house.driver.last.listen('tcp/127.0.5.1:25');
	return house;
}

test('visitors who pass the edge by finish before the instance is told to stop, and new ones wait for the next', async () => {
	const house = visited();
	let busy = true;
	house.driver.busy = async () => busy;
	void house.lodging.stop(101);
	await house.settle();
	expect(house.driver.doors).toEqual(['shut 101']);
	house.clock.advance(1000);
	await house.settle();
	expect(house.state(101)).toBe('draining');
	busy = false;
	house.clock.advance(200);
	await house.settle();
	expect(house.state(101)).toBe('stopping');
	expect(house.driver.last.signals).toEqual(['SIGTERM']);
});

test('they have until the deadline, also where nobody can tell whether they are there', async () => {
	const house = visited();
	house.driver.busy = () => Promise.reject(new Error('no answer'));
	void house.lodging.stop(101);
	for (let second = 0; second < 29; second++) {
		house.clock.advance(1000);
		await house.settle();
	}
	expect(house.state(101)).toBe('draining');
	house.clock.advance(1000);
	expect(house.state(101)).toBe('stopping');
	house.driver.last.end('signal:15');
	expect(house.clock.pending).toBe(0);
});

test('a lease that is given back does not end a drain that somebody else outlasts', async () => {
	const mixed = makeTenant(101, { addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' }] });
	const house = new LodgingHouse(mixed);
	const instance = house.wake(101);
	let busy = true;
	house.driver.busy = async () => busy;
	void house.lodging.stop(101);
	await house.settle();
	house.release(101, instance);
	expect(house.state(101)).toBe('draining');
	busy = false;
	house.clock.advance(200);
	await house.settle();
	expect(house.state(101)).toBe('stopping');
});

describe('an error of the program’s own', () => {
	test('on the way of one step costs neither the rest of it nor any other', async () => {
		const house = new LodgingHouse(makeTenant(101));
		house.wake(101);
		house.hear = () => {
			throw new Error('the edges cannot be told');
		};
		await expect(house.lodging.stop(101)).rejects.toThrow('the edges cannot be told');
		expect(house.state(101)).toBe('draining');
		house.release(101, 1);
		expect(house.driver.last.signals).toEqual(['SIGTERM']);
		expect(() => house.driver.last.end('signal:15')).not.toThrow();
		expect(house.lodging.awake).toBe(0);
		house.wake(101);
	});

	test('of one who waits keeps no other waiting', () => {
		const house = new LodgingHouse(makeTenant(101));
		house.lodging.acquire(1, 101, { address: '192.0.2.1', request: 'GET /' }, () => {
			throw new Error('he cannot be answered');
		});
		const others = [house.acquire(101, 2), house.acquire(101, 3)];
		house.driver.last.exec();
		expect(() => house.driver.last.listen()).toThrow('he cannot be answered');
		for (const answers of others) expect(answers).toMatchObject([{ granted: true }]);
		expect(house.state(101)).toBe('ready');
	});
});
