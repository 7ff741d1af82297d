import { explain } from '../../launcher/explanation.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

let house: LodgingHouse;

beforeEach(() => {
	house = new LodgingHouse(makeTenant(101));
});

function explained(): ReturnType<typeof explain> {
	return explain(house.facts(101), { traffic: [], deaf: [] });
}

test('a tenant whose visitors pass the edge by: how many they are, and where', () => {
	house.release(101, house.wake(101));
	const traffic = [
		{ address: '127.0.5.1:25', open: 3, waiting: 1 },
		{ address: '127.0.5.1:26', open: 0, waiting: 0 },
	];
	expect(explain(house.facts(101), { traffic, deaf: [] })).toMatchObject({
		because: ['It is in use: 3 connections to 127.0.5.1:25.', '1 visitor in the queue of 127.0.5.1:25.'],
		next: { rung: 'stopped', heldBy: '3 connections to 127.0.5.1:25' },
	});
});

test('a tenant with an address at which nobody can listen: why, and when it is tried again', () => {
	const since = house.clock.now();
	const why = 'somebody else listens there (EADDRINUSE)';
	const deaf = [{ address: '127.0.5.1:25', why, since, retryAt: since + 2000 }];
	const [at, again] = [since, since + 2000].map((ms) => new Date(ms).toISOString());
	expect(explain(house.facts(101), { traffic: [], deaf }).because).toContain(
		`It cannot be reached at 127.0.5.1:25 since ${at}: ${why}. That is tried again at ${again}.`,
	);
});

test('a tenant in use: who woke it, and that a lease holds it', () => {
	house.wake(101);
	expect(explained()).toMatchObject({
		state: 'ready',
		because: ['It is in use: 1 edge worker with a lease.'],
		wokenBy: '192.0.2.1 (GET /)',
		next: { rung: 'stopped', at: null, heldBy: '1 lease' },
	});
});

test('an idle tenant: when it will be reaped', () => {
	house.release(101, house.wake(101));
	const at = new Date(house.clock.now() + 60_000).toISOString();
	expect(explained()).toMatchObject({
		because: ['Nobody has a lease on it.'],
		next: { rung: 'stopped', at, heldBy: null },
	});
});

test('a sleeping tenant: how its last instance ended, and that nothing is next', () => {
	house.wake(101);
	house.driver.last.end('signal:9');
	const explanation = explained();
	expect(explanation.because).toEqual(['No process of it is there.', 'The last instance was ended by SIGKILL.']);
	expect(explanation.next).toBeNull();
	expect(explanation.wokenBy).toBeNull();
});

test('a tenant that backs off: until when', () => {
	house.acquire(101);
	house.driver.last.end('exit:1');
	const at = new Date(house.clock.now() + 1000).toISOString();
	expect(explained()).toMatchObject({ state: 'failed', next: { rung: 'stopped', at } });
	expect(explained().because[0]).toContain(`visitors are turned away until ${at}`);
});

test('a tenant that waits for its turn: how many are before it', () => {
	house.caps = { atOnce: 0, running: 10, waiting: 10 };
	house.acquire(101);
	expect(explained()).toMatchObject({
		because: ['It waits for its turn to be started, 0 tenants before it.', '1 knock waiting for an instance.'],
		next: { rung: 'starting', heldBy: 'the caps on starts' },
	});
});

test('a tenant whose file changed: that it takes effect at the next start', () => {
	house.wake(101);
	house.apply(makeTenant(101, { env: { A: '1' } }));
	expect(explained().because).toContain(
		'Its file has changed since it was started: that takes effect at the next start (`innkeeper restart`).',
	);
});

test('a tenant that is drained by an operator: the deadline, and what holds it', () => {
	house.wake(101);
	void house.lodging.stop(101);
	const at = new Date(house.clock.now() + 30_000).toISOString();
	expect(explained()).toMatchObject({
		because: ['It finishes what runs before it is stopped (operator).'],
		next: { rung: 'stopping', at, heldBy: '1 lease' },
	});
});

test('keep: always that an operator stopped: what starts it', async () => {
	house.apply(makeTenant(101, { keep: 'always' }));
	house.driver.last.listen();
	expect(explained()).toMatchObject({
		because: ['Nobody has a lease on it.', 'keep: always: it is never reaped.'],
		next: null,
	});
	void house.lodging.stop(101);
	house.driver.last.end('signal:15');
	expect(explained().because).toContain('keep: always, but an operator stopped it: the next knock starts it.');
});
