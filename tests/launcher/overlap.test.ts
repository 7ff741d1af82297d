import { LodgingHouse, makeTenant } from './lodging-house.ts';

const overlapping = makeTenant(101, { overlap: 'on' });

test('who knocks while an instance finishes what it has gets another one beside it, at a place of its own', () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	void house.lodging.stop(101);
	const answers = house.acquire(101, 2);
	expect(house.driver.living(101)).toHaveLength(2);
	house.driver.last.exec();
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2, wake: 'start' }]);
	expect(house.lodging.live(101, 1)?.port).toBe(8080);
	expect(house.lodging.live(101, 2)?.port).toBe(8081);
	expect(house.driver.instances[0]?.signals).toEqual([]);
	house.release(101, 1);
	expect(house.driver.instances[0]?.signals).toEqual(['SIGTERM']);
	house.driver.instances[0]?.end('signal:15');
	expect(house.state(101)).toBe('ready');
	expect(house.facts(101).leases).toBe(1);
});

test('stop resolves once neither of two is left', async () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	void house.lodging.stop(101);
	house.wake(101, 2);
	let stopped = false;
	const stop = house.lodging.stop(101).then(() => (stopped = true));
	house.release(101, 1);
	house.driver.instances[0]?.end('signal:15');
	await house.settle();
	expect(stopped).toBe(false);
	house.release(101, 2, 0, 2);
	house.driver.last.end('signal:15');
	await stop;
	expect(house.lodging.awake).toBe(0);
});

test('of two that finish what they have no third is started: who knocks waits', () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	void house.lodging.stop(101);
	house.wake(101, 2);
	void house.lodging.stop(101);
	house.acquire(101, 3);
	expect(house.driver.living(101)).toHaveLength(2);
});

test('one that accepts nobody any more leaves its socket, and who is queued there, to the next', () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	house.driver.last.deafen();
	const answers = house.acquire(101, 2);
	house.driver.last.exec();
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 2 }]);
	expect(house.lodging.live(101, 2)?.port).toBe(8080);
});

test.each([
	['its file forbids it', { overlap: 'off' as const }, false],
	['it keeps data', { overlap: 'auto' as const }, true],
	['it runs always', { overlap: 'auto' as const, keep: 'always' as const }, false],
	[
		'it serves TCP',
		{ overlap: 'on' as const, addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' as const }] },
		false,
	],
])('no second instance is started where %s', (_why, changes, keeping) => {
	const house = new LodgingHouse(makeTenant(101, changes));
	house.driver.keeping = keeping;
	house.lodging.apply(makeTenant(101, changes));
	house.wake(101);
	void house.lodging.stop(101);
	house.acquire(101, 2);
	expect(house.driver.living(101)).toHaveLength(1);
});

test('what keeps nothing and is on demand may overlap without a word in its file', () => {
	const house = new LodgingHouse(makeTenant(101, { overlap: 'auto' }));
	house.wake(101);
	void house.lodging.stop(101);
	house.acquire(101, 2);
	expect(house.driver.living(101)).toHaveLength(2);
});

test('a restart starts another one beside the ready one, which finishes once the new one is ready', async () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	const restart = house.lodging.restart(overlapping);
	expect(house.told).toEqual([]);
	house.acquire(101, 2);
	expect(house.facts(101).leases).toBe(2);
	house.driver.last.exec();
	house.driver.last.listen();
	expect(await restart).toMatchObject({ granted: true, instance: 2 });
	expect(house.told).toEqual(['revoke 101/1']);
	expect(house.state(101)).toBe('ready');
	house.release(101, 1);
	house.release(101, 1, 0, 2);
	house.driver.instances[0]?.end('signal:15');
	expect(house.announcements('stopped')).toMatchObject([{ cause: 'restart', instance: 1 }]);
});

test('a restart whose instance does not get ready leaves the old one as it was', async () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	const restart = house.lodging.restart(overlapping);
	house.driver.last.end('exit:1');
	expect(await restart).toMatchObject({ granted: false, reason: 'failed' });
	expect(house.state(101)).toBe('ready');
	expect(house.told).toEqual([]);
	house.clock.advance(60_000);
	expect(house.driver.instances).toHaveLength(2);
});

test('an old instance that dies during a restart leaves its visitors to the new one', async () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	const restart = house.lodging.restart(overlapping);
	house.driver.instances[0]?.exit('signal:9');
	const answers = house.acquire(101, 2);
	house.driver.instances[0]?.empty();
	expect(house.driver.instances).toHaveLength(2);
	house.driver.last.exec();
	house.driver.last.listen();
	expect(await restart).toMatchObject({ granted: true });
	expect(answers).toMatchObject([{ granted: true, instance: 2 }]);
});

test('a second restart while one is under way is refused, and so is one of what is not ready', () => {
	const house = new LodgingHouse(overlapping);
	expect(house.lodging.restart(overlapping)).toBeUndefined();
	house.wake(101);
	void house.lodging.restart(overlapping);
	expect(house.lodging.restart(overlapping)).toBeUndefined();
});

test('a restarted launcher that finds two goes on with the younger, and the older finishes', () => {
	const house = new LodgingHouse(overlapping);
	house.lodging.awaitWorkers([1]);
	const found = { started: house.clock.now(), notified: '' };
	const [older, younger] = [house.driver.plant(overlapping, 7), house.driver.plant(overlapping, 8, 2)];
	house.lodging.adopt(overlapping, { ...found, instance: 7, pid: 7, listening: ['hall/101'] });
	house.lodging.adopt(overlapping, { ...found, instance: 8, pid: 8, listening: ['hall/101/2'] });
	expect(house.lodging.live(101, 8)?.port).toBe(8081);
	house.lodging.hello(1, [{ id: 101, instance: 7 }]);
	expect(older.signals).toEqual([]);
	house.release(101, 7);
	expect(older.signals).toEqual(['SIGTERM']);
	expect(younger.signals).toEqual([]);
	expect(house.acquire(101)).toMatchObject([{ granted: true, instance: 8 }]);
});

test('an instance of another tenant, which had the id before, has nobody beside it', () => {
	const house = new LodgingHouse(overlapping);
	house.wake(101);
	void house.lodging.stop(101);
	house.wake(101, 2);
	const heir = makeTenant(101, { overlap: 'on', name: 'heir' });
	house.tenants.set(101, heir);
	house.lodging.takeTurn(heir);
	const answers = house.acquire(101, 3);
	house.release(101, 2, 0, 2);
	house.driver.instances[1]?.end('signal:15');
	answers.push(...house.acquire(101, 4));
	expect(house.driver.living(101)).toHaveLength(1);
	house.release(101, 1);
	house.driver.instances[0]?.end('signal:15');
	expect(house.driver.last.tenant.name).toBe('heir');
	house.driver.last.exec();
	house.driver.last.listen();
	expect(answers).toMatchObject([{ granted: true, instance: 3 }]);
});
