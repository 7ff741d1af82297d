import type { State } from '../../launcher/lifecycle.ts';
import { type Starter, Starts } from '../../launcher/starts.ts';

let caps = { atOnce: 2, running: 100, waiting: 100 };
let idle: FakeStarter[];
let went: string[];
let starts: Starts;

class FakeStarter implements Starter {
	readonly name: string;
	readonly patient: boolean;

	constructor(name: string, patient = false) {
		this.name = name;
		this.patient = patient;
	}

	go(): void {
		went.push(this.name);
		this.is('starting');
	}

	is(state: State): void {
		starts.follow(this, state);
	}
}

beforeEach(() => {
	caps = { atOnce: 2, running: 100, waiting: 100 };
	idle = [];
	went = [];
	starts = new Starts(
		() => caps,
		() => {
			const victim = idle.shift();
			victim?.is('stopping');
			return victim !== undefined;
		},
	);
});

function ask(...names: string[]): FakeStarter[] {
	const starters = names.map((name) => new FakeStarter(name));
	for (const starter of starters) expect(starts.ask(starter)).toBe(true);
	return starters;
}

test('what fits goes at once', () => {
	ask('a', 'b');
	expect(went).toEqual(['a', 'b']);
});

test('what does not fit goes in the order in which it came, as starts end', () => {
	const [a, b] = ask('a', 'b', 'c', 'd', 'e');
	b?.is('ready');
	expect(went).toEqual(['a', 'b', 'c']);
	a?.is('failing');
	expect(went).toEqual(['a', 'b', 'c', 'd']);
});

test('200 tenants that knock at once all start, never more than the cap together', () => {
	caps = { ...caps, running: 1000, waiting: 1000 };
	const starters = ask(...Array.from({ length: 200 }, (_, n) => String(n)));
	for (let done = 0; done < 200; done++) {
		expect(went.length - done).toBeLessThanOrEqual(caps.atOnce);
		starters[Number(went[done])]?.is('ready');
	}
	expect(went).toHaveLength(200);
});

test('who stops waiting leaves the queue', () => {
	const [a, , c] = ask('a', 'b', 'c', 'd');
	c?.is('stopped');
	a?.is('ready');
	expect(went).toEqual(['a', 'b', 'd']);
});

test('when as many wait as may, the next is busy', () => {
	caps = { ...caps, waiting: 1 };
	ask('a', 'b', 'c');
	expect(starts.ask(new FakeStarter('d'))).toBe(false);
});

test('a patient one waits however many do', () => {
	caps = { ...caps, waiting: 0 };
	ask('a', 'b');
	expect(starts.ask(new FakeStarter('c', true))).toBe(true);
});

test('when all places to run are taken and nothing is idle, the next is busy', () => {
	caps = { ...caps, running: 1 };
	ask('a')[0]?.is('ready');
	expect(starts.ask(new FakeStarter('b'))).toBe(false);
	expect(went).toEqual(['a']);
});

test('when all places to run are taken, an idle one makes room, and its place is used when it is empty', () => {
	caps = { ...caps, running: 1 };
	const [a] = ask('a');
	a?.is('ready');
	idle = [a as FakeStarter];
	ask('b');
	expect(went).toEqual(['a']);
	a?.is('stopped');
	expect(went).toEqual(['a', 'b']);
});

test('one that is leaving makes room for one, not for two', () => {
	caps = { ...caps, running: 1 };
	const [a] = ask('a');
	a?.is('draining');
	ask('b');
	expect(starts.ask(new FakeStarter('c'))).toBe(false);
});

test('one that has left makes room no more', () => {
	caps = { ...caps, running: 1 };
	const [a] = ask('a');
	a?.is('stopping');
	a?.is('stopped');
	ask('b')[0]?.is('ready');
	expect(starts.ask(new FakeStarter('c'))).toBe(false);
});

test('who is too many to wait costs nobody its place', () => {
	caps = { atOnce: 1, running: 1, waiting: 0 };
	const [a] = ask('a');
	a?.is('ready');
	idle = [a as FakeStarter];
	expect(starts.ask(new FakeStarter('b'))).toBe(false);
	expect(idle).toHaveLength(1);
});

test('an adopted instance takes a place without asking', () => {
	caps = { ...caps, running: 1 };
	new FakeStarter('old').is('starting');
	expect(starts.ask(new FakeStarter('new'))).toBe(false);
});

test('raised caps hold at the next start', () => {
	caps = { ...caps, running: 1 };
	ask('a')[0]?.is('ready');
	caps = { ...caps, running: 2 };
	ask('b');
	expect(went).toEqual(['a', 'b']);
});

test('one who waits knows how many are before it', () => {
	const [a, , c, d] = ask('a', 'b', 'c', 'd');
	expect([a, c, d].map((starter) => starter && starts.ahead(starter))).toEqual([undefined, 0, 1]);
});
