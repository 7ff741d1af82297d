import type { Acquired } from '../../launcher/knocks.ts';
import { isTransitional, type State } from '../../launcher/lifecycle.ts';
import type { Lease } from '../../launcher/protocol/edge.ts';
import type { StartCaps } from '../../launcher/starts.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import type { FakeInstance } from './fake-driver.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

/**
 * Walks through every order in which the events of a small world can come, breadth first, and looks at the invariants of the
 * lifecycle (DESIGN, the life of an instance) after each. Worlds that look alike are walked on from once. From every one of them
 * the world is then left in peace, and nobody may be left waiting.
 */

interface Knock {
	readonly id: number;
	readonly answers: Acquired[];
	/** Something broke, was taken away or took too long while it waited: it may be denied. */
	excused: boolean;
}

/** An edge worker as it should be: it keeps the leases that it is granted until it releases them or hears that they are void. */
class Edge {
	readonly worker: number;
	readonly leases: Lease[] = [];
	readonly knocks: Knock[] = [];
	alive = true;
	/** The launcher knows it and what it holds. */
	connected: boolean;

	constructor(worker: number, connected: boolean) {
		this.worker = worker;
		this.connected = connected;
	}
}

interface Beginning {
	readonly tenants: readonly Tenant[];
	readonly edges: number;
	readonly caps?: Partial<StartCaps>;
	readonly adopted?: boolean;
	/** Other tenants that may have the ids at times. */
	readonly heirs?: readonly Tenant[];
}

class World {
	readonly house: LodgingHouse;
	readonly edges: readonly Edge[];
	readonly #tenants: readonly Tenant[];
	/** Instances that may be ended although they are leased: by a deadline, an operator's wish or their own failure. */
	readonly #excused = new Set<FakeInstance>();
	readonly #crowded: boolean;
	readonly #heirs: readonly Tenant[];

	constructor({ tenants, edges, caps = {}, adopted = false, heirs = [] }: Beginning) {
		this.#tenants = tenants;
		this.#heirs = heirs;
		this.house = new LodgingHouse(...tenants);
		this.house.caps = { ...this.house.caps, ...caps };
		this.#crowded = this.house.caps.running < tenants.length;
		this.edges = Array.from({ length: edges }, (_, n) => new Edge(n + 1, !adopted));
		const { house } = this;
		house.hear = (what, id, instance) => {
			if (what !== 'gone') return;
			for (const edge of this.edges) drop(edge.leases, (lease) => lease.id === id && lease.instance === instance);
		};
		house.driver.onEnding = (instance, how) => {
			const leased = this.edges.some((edge) => edge.leases.some((lease) => lease.instance === instance.number));
			if (leased && !this.#excused.has(instance)) throw new Error(`a leased instance got a ${how}`);
		};
		if (adopted) this.#adopt();
		for (const tenant of tenants) house.lodging.apply(tenant);
	}

	/** The launcher was restarted: each tenant has an instance, on which all edges have leases that they have not repeated yet. */
	#adopt(): void {
		const { driver, lodging, clock } = this.house;
		lodging.awaitWorkers(this.edges.map((edge) => edge.worker));
		for (const tenant of this.#tenants) {
			const number = 1000 + tenant.id;
			const instance = driver.plant(tenant, number);
			instance.starting = false;
			instance.listening = true;
			for (const edge of this.edges) edge.leases.push({ id: tenant.id, instance: number });
			const listening = [`hall/${tenant.id}`];
			lodging.adopt(tenant, { instance: number, pid: number, started: clock.now(), listening, notified: '' });
		}
	}

	/** Everything that can happen now, by name. */
	moves(): Map<string, () => void> {
		const moves = new Map<string, () => void>();
		for (const tenant of this.#tenants) this.#tenantMoves(tenant, moves);
		for (const edge of this.edges) this.#edgeMoves(edge, moves);
		if (this.house.clock.pending > 0) moves.set('time', () => this.#passTime());
		return moves;
	}

	#tenantMoves(tenant: Tenant, moves: Map<string, () => void>): void {
		const { house } = this;
		const { id } = tenant;
		for (const [at, instance] of house.driver.living(id).entries()) {
			const its = at === 0 ? `${id} ` : `${id} the younger `;
			if (instance.starting) {
				moves.set(`${its}exec`, () => instance.exec());
				moves.set(`${its}cannot be made`, () => {
					this.#excuseKnocks(id);
					instance.fail();
				});
				continue;
			}
			if (!instance.listening && instance.leading) moves.set(`${its}listens`, () => instance.listen());
			if (instance.leading) {
				moves.set(`${its}exits well`, () => this.#exit(instance, 'exit:0'));
				moves.set(`${its}exits badly`, () => this.#exit(instance, 'exit:1'));
				if (instance.listening) moves.set(`${its}goes deaf`, () => this.#excuse(id, () => instance.deafen()));
				moves.set(`${its}says stopping`, () => this.#excuse(id, () => instance.notify('STOPPING=1')));
			} else {
				moves.set(`${its}is empty`, () => this.#empty(instance));
			}
		}
		if (house.tenants.has(id)) {
			moves.set(`${id} operator stops`, () => this.#excuse(id, () => void house.lodging.stop(id)));
			if (tenant.overlap === 'on')
				moves.set(`${id} operator restarts`, () =>
					this.#excuse(id, () => void house.lodging.restart(house.tenants.get(id) ?? tenant)),
				);
			for (const heir of [tenant, ...this.#heirs].filter((one) => one.id === id && one !== house.tenants.get(id)))
				moves.set(`${id} is ${heir.name}`, () => this.#swap(heir));
			moves.set(`${id} file goes`, () => {
				house.tenants.delete(id);
				this.#excuseKnocks(id);
				this.#excuse(id, () => void house.lodging.remove(id));
			});
		} else {
			moves.set(`${id} file comes`, () => house.apply(tenant));
		}
	}

	/** As the launcher does: another tenant has the id from one moment to the next. */
	#swap(heir: Tenant): void {
		this.#excuseKnocks(heir.id);
		this.#excuse(heir.id, () => {
			this.house.tenants.set(heir.id, heir);
			this.house.lodging.takeTurn(heir);
			this.house.lodging.apply(heir);
		});
	}

	#edgeMoves(edge: Edge, moves: Map<string, () => void>): void {
		const { house } = this;
		const its = `edge ${edge.worker} `;
		if (!edge.alive) {
			moves.set(`${its}comes back`, () => {
				edge.alive = true;
				edge.connected = true;
				house.lodging.hello(edge.worker, []);
			});
			return;
		}
		for (const { id } of this.#tenants) {
			if (edge.connected && this.#waiting(edge, id).length === 0 && this.#leases(edge, id).length < 2)
				moves.set(`${its}knocks ${id}`, () => this.#knock(edge, id));
		}
		for (const lease of edge.leases) {
			moves.set(`${its}releases ${lease.id}/${lease.instance}`, () => this.#release(edge, lease));
		}
		moves.set(`${its}dies`, () => {
			edge.alive = false;
			edge.connected = false;
			edge.leases.length = 0;
			edge.knocks.length = 0;
			house.lodging.workerGone(edge.worker);
		});
		moves.set(`${its}connects again`, () => this.#connect(edge));
	}

	#connect(edge: Edge): void {
		edge.knocks.length = 0;
		edge.connected = true;
		this.house.lodging.hello(edge.worker, [...edge.leases]);
	}

	#knock(edge: Edge, id: number): void {
		const answers: Acquired[] = [];
		const excused = !this.house.tenants.has(id) || ['failed', 'failing'].includes(this.house.state(id));
		edge.knocks.push({ id, answers, excused });
		this.house.lodging.acquire(edge.worker, id, { address: '192.0.2.1', request: 'GET /' }, (answer) => {
			answers.push(answer);
			if (answer.granted) this.#checkOwner(id, answer.instance);
			if (!answer.granted || edge.leases.some((lease) => lease.instance === answer.instance)) return;
			edge.leases.push({ id, instance: answer.instance });
		});
	}

	/** Nobody is answered by a tenant that had the id before. */
	#checkOwner(id: number, number: number): void {
		const instance = this.house.driver.instances.find((one) => one.number === number);
		const owner = this.house.tenants.get(id)?.name;
		expectTrue(
			this.#heirs.length === 0 || instance?.tenant.name === owner,
			`a visitor of ${owner} was given ${number}`,
		);
	}

	#release(edge: Edge, lease: Lease): void {
		drop(edge.leases, (other) => other === lease);
		if (edge.connected) this.house.lodging.release(edge.worker, lease, 0);
	}

	#exit(instance: FakeInstance, status: string): void {
		if (status !== 'exit:0') this.#excuseKnocks(instance.tenant.id);
		this.#excused.add(instance);
		instance.exit(status);
	}

	/** Nothing is left of a start that nobody wanted to end. */
	#empty(instance: FakeInstance): void {
		if (!instance.listening && instance.signals.length === 0) this.#excuseKnocks(instance.tenant.id);
		instance.empty();
	}

	#excuse(id: number, act: () => void): void {
		for (const instance of this.house.driver.living(id)) this.#excused.add(instance);
		act();
	}

	#excuseKnocks(id: number): void {
		for (const edge of this.edges) for (const knock of edge.knocks) if (knock.id === id) knock.excused = true;
	}

	/** Until the next timer: one that ends a start, or a wait for one, is a reason to deny who waits. */
	#passTime(): void {
		for (const { id } of this.#tenants)
			if (['starting', 'queued'].includes(this.house.state(id))) this.#excuseKnocks(id);
		this.house.clock.advance(this.house.clock.untilNext ?? 0);
	}

	#waiting(edge: Edge, id: number): Knock[] {
		return edge.knocks.filter((knock) => knock.id === id && knock.answers.length === 0);
	}

	#leases(edge: Edge, id: number): Lease[] {
		return edge.leases.filter((lease) => lease.id === id);
	}

	#overlaps(id: number): boolean {
		return this.#tenants.some((tenant) => tenant.id === id && tenant.overlap === 'on');
	}

	#isKept(id: number): boolean {
		return this.#tenants.some((tenant) => tenant.id === id && tenant.keep === 'always');
	}

	/** Throws where an invariant is broken. */
	check(): void {
		let timers = 0;
		let others = 0;
		for (const { id } of this.#tenants) {
			const living = this.house.driver.living(id);
			const facts = this.house.facts(id);
			const { state } = facts;
			const own = living.filter(({ number }) => number === facts.instance?.number);
			const beside = living.length - own.length;
			expectTrue(beside <= (this.#overlaps(id) ? 1 : 0), `${living.length} instances of ${id} live`);
			const young = living.filter(({ listening, signals, killed, leading }) => {
				return !listening && leading && signals.length === 0 && killed === 0;
			});
			const names = new Set(living.map(({ tenant }) => tenant.name));
			expectTrue(names.size <= 1, `${[...names].join(' and ')} live side by side`);
			expectTrue(young.length <= 1, `${young.length} launches of ${id} are in flight`);
			const empty: State[] = ['stopped', 'queued', 'failed'];
			expectTrue(empty.includes(state) === (own.length === 0), `${id} is ${state} with ${own.length} instances`);
			others += beside;
			expectTrue(
				(facts.timerDue !== undefined) === isTransitional(state),
				`${id} is ${state}, its timer: ${facts.timerDue}`,
			);
			if (facts.timerDue !== undefined) timers += 1;
			expectTrue(
				facts.reapDue === undefined || (state === 'ready' && facts.leases === 0),
				`${id} is ${state} and may be reaped`,
			);
			expectTrue(
				state !== 'ready' ||
					facts.leases > 0 ||
					this.#isKept(id) ||
					!facts.leasesComplete ||
					facts.reapDue !== undefined,
				`${id} is idle and nobody will reap it`,
			);
			const held = this.edges.filter(
				(edge) => edge.connected && this.#leases(edge, id).some(({ instance }) => instance === facts.instance?.number),
			);
			expectTrue(held.length === facts.leases, `${id} has ${facts.leases} leases, the edges ${held.length}`);
			const waiting = this.edges.flatMap((edge) => this.#waiting(edge, id)).length;
			const known = facts.waiting - (this.#isKept(id) || this.#overlaps(id) ? 1 : 0);
			expectTrue(waiting >= known && waiting <= facts.waiting, `${waiting} wait for ${id}, ${facts.waiting} are known`);
			expectTrue(
				waiting === 0 || !['stopped', 'ready', 'failed'].includes(state),
				`${waiting} wait for ${id}, which is ${state}`,
			);
		}
		const running = this.house.driver.living();
		expectTrue(running.length <= this.house.caps.running, `${running.length} run`);
		const starting = this.#tenants.filter(({ id }) => this.house.state(id) === 'starting');
		expectTrue(starting.length <= this.house.caps.atOnce, `${starting.length} start`);
		// Timers of the supervisors, and one of the wheel: there are no others.
		// An instance that is not the tenant's own has a timer too, or is to take the other's place and backs off.
		if (this.#tenants.some(({ overlap }) => overlap === 'on')) others += 1;
		expectTrue(
			this.house.clock.pending - timers <= 1 + others,
			`${this.house.clock.pending} timers for ${timers} states`,
		);
		this.#checkDenials();
	}

	/** Timing alone never makes an error: a knock is denied because something broke, was taken away, or there was no room. */
	#checkDenials(): void {
		for (const edge of this.edges) {
			for (const { answers, excused } of edge.knocks) {
				expectTrue(answers.length <= 1, `a knock was answered ${answers.length} times`);
				const [answer] = answers;
				if (answer === undefined || answer.granted) continue;
				if (answer.reason === 'busy') expectTrue(this.#crowded, 'busy although there is room for all');
				else expectTrue(excused, `denied (${answer.reason}) although nothing broke`);
			}
			drop(edge.knocks, (knock) => knock.answers.length > 0);
		}
	}

	/** What tells this world from another, with the numbers of instances and the time taken out. */
	look(): string {
		const now = this.house.clock.now();
		const after = (due: number | undefined): number | undefined => due && Math.round(due - now);
		const tenants = this.#tenants.map(({ id }) => {
			const { state, instance, timerDue, reapDue, ahead, heldDown, leasesComplete } = this.house.facts(id);
			const lives = this.house.driver
				.living(id)
				.map((one) => [
					one.number === instance?.number,
					one.tenant.name,
					one.starting,
					one.leading,
					one.listening,
					one.killed > 0,
					one.signals.length > 0,
					this.#excused.has(one),
				]);
			const known = this.house.tenants.get(id)?.name;
			const leases = this.edges.map((edge) =>
				this.#leases(edge, id).map((lease) => lease.instance === instance?.number),
			);
			const waits = this.edges.map((edge) => this.#waiting(edge, id).map(({ excused }) => excused));
			return {
				state,
				cause: instance?.stopCause,
				timer: after(timerDue),
				reap: after(reapDue),
				ahead,
				heldDown,
				leasesComplete,
				lives,
				known,
				leases,
				waits,
			};
		});
		return JSON.stringify([tenants, this.edges.map((edge) => [edge.alive, edge.connected])]);
	}

	/** Leaves the world in peace: programs work, edges give back what is wanted, time passes. Nobody may be left waiting. */
	async comeToRest(): Promise<void> {
		const { driver, clock } = this.house;
		for (const edge of this.edges) if (edge.alive && !edge.connected) this.#connect(edge);
		for (let turn = 0; turn < 200; turn++) {
			const moved = driver.living().filter((instance) => this.#goOn(instance)).length > 0;
			for (const edge of this.edges) for (const lease of [...edge.leases]) this.#release(edge, lease);
			await this.house.settle();
			if (moved) continue;
			const waiting = this.edges.some((edge) => edge.knocks.some((knock) => knock.answers.length === 0));
			const awake = driver.living().some(({ tenant }) => tenant.keep !== 'always');
			if (!waiting && !awake && clock.pending === 0) return;
			clock.advance(clock.untilNext ?? 0);
		}
		throw new Error('it does not come to rest');
	}

	/** What a program does that works; false where it has nothing to do. */
	#goOn(instance: FakeInstance): boolean {
		if (instance.starting) instance.exec();
		else if (instance.killed > 0 || instance.signals.length > 0 || !instance.leading) {
			if (instance.leading) instance.exit('exit:0');
			instance.empty();
		} else if (!instance.listening) instance.listen();
		else return false;
		return true;
	}
}

function expectTrue(holds: boolean, otherwise: string): void {
	if (!holds) throw new Error(otherwise);
}

function drop<Item>(items: Item[], which: (item: Item) => boolean): void {
	const kept = items.filter((item) => !which(item));
	items.splice(0, items.length, ...kept);
}

/** Walks until nothing new is met, or so many steps; throws with the way that led there. Returns how many different worlds it met. */
async function walkAll(beginning: Beginning, steps: number): Promise<{ worlds: number; complete: boolean }> {
	const seen = new Set<string>();
	let ways: string[][] = [[]];
	for (let step = 0; step <= steps && ways.length > 0; step++) {
		const longer: string[][] = [];
		for (const way of ways) {
			const world = await walk(beginning, way);
			const look = world.look();
			if (seen.has(look)) continue;
			seen.add(look);
			for (const move of world.moves().keys()) longer.push([...way, move]);
			await told(way, () => world.comeToRest());
		}
		ways = longer;
	}
	return { worlds: seen.size, complete: ways.length === 0 };
}

async function walk(beginning: Beginning, way: readonly string[]): Promise<World> {
	const world = new World(beginning);
	await told(way, async () => {
		for (const name of way) {
			const move = world.moves().get(name);
			if (move === undefined) throw new Error(`cannot ${name}`);
			move();
			await world.house.settle();
			world.check();
		}
	});
	return world;
}

async function told(way: readonly string[], act: () => Promise<void>): Promise<void> {
	try {
		await act();
	} catch (error) {
		throw new Error(`${way.join(' → ')}: ${(error as Error).message}`, { cause: error });
	}
}

const tenant = makeTenant(101, { idle: { stop: 50 } });
const neighbour = makeTenant(102, { idle: { stop: 50 } });

const overlapping = makeTenant(101, { idle: { stop: 50 }, overlap: 'on' });
const heir = makeTenant(101, { idle: { stop: 50 }, overlap: 'on', name: 'heir' });
const always = makeTenant(101, { keep: 'always' });

test.each<{ what: string; beginning: Beginning }>([
	{ what: 'a tenant and an edge worker', beginning: { tenants: [tenant], edges: 1 } },
	{ what: 'a tenant that is to run always', beginning: { tenants: [always], edges: 1 } },
	{ what: 'a launcher that was restarted', beginning: { tenants: [tenant], edges: 1, adopted: true } },
])(
	'$what: every order of events, however long, keeps the invariants, and nobody is forgotten',
	async ({ beginning }) => {
		const { worlds, complete } = await walkAll(beginning, 100);
		expect(complete).toBe(true);
		expect(worlds).toBeGreaterThan(500);
	},
);

test.each<{ what: string; beginning: Beginning; steps: number }>([
	{ what: 'a tenant of which two may live side by side', beginning: { tenants: [overlapping], edges: 1 }, steps: 8 },
	{
		what: 'an id that changes hands between two of which two may live side by side',
		beginning: { tenants: [overlapping], edges: 1, heirs: [heir] },
		steps: 7,
	},
	{ what: 'a tenant and two edge workers', beginning: { tenants: [tenant], edges: 2 }, steps: 8 },
	{
		what: 'two tenants that have to start one after the other',
		beginning: { tenants: [tenant, neighbour], edges: 1, caps: { atOnce: 1 } },
		steps: 6,
	},
	{
		what: 'two tenants with one place to run',
		beginning: { tenants: [tenant, neighbour], edges: 1, caps: { running: 1 } },
		steps: 6,
	},
	{
		what: 'a restarted launcher and two edge workers',
		beginning: { tenants: [tenant], edges: 2, adopted: true },
		steps: 6,
	},
])(
	'$what: every order of $steps events keeps the invariants, and nobody is forgotten',
	async ({ beginning, steps }) => {
		const { worlds } = await walkAll(beginning, steps);
		expect(worlds).toBeGreaterThan(1000);
	},
);
