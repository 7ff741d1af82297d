import { canOverlap, type Tenant } from '../tenants/tenant.ts';
import type { Announcement } from './announcement.ts';
import type { Clock } from './clock.ts';
import type { Driver, InstanceEvent } from './driver.ts';
import type { Place } from './drivers/launch.ts';
import type { Facts } from './facts.ts';
import type { Adoptable } from './instance.ts';
import type { Acquired, Answer, Knocker } from './knocks.ts';
import { Leases } from './leases.ts';
import type { State } from './lifecycle.ts';
import { Past } from './past.ts';
import type { Lease } from './protocol/edge.ts';
import type { Prober } from './readiness.ts';
import { Reaper } from './reaper.ts';
import { type StartCaps, Starts } from './starts.ts';
import { Supervisor } from './supervisor.ts';
import type { Edges } from './surroundings.ts';
import { Wheel } from './wheel.ts';

/** What the lodging needs of the rest of the launcher. */
export interface LodgingMeans {
	readonly clock: Clock;
	readonly driver: Driver;
	readonly prober: Prober;
	readonly edges: Edges;
	/** The tenant as its file is now; undefined: there is none. */
	readonly find: (id: number) => Tenant | undefined;
	/** A number that no instance of this server has had. */
	readonly nextInstance: () => number;
	/** Asked at every start, so that a changed config holds at once. */
	readonly caps: () => StartCaps;
	readonly announce: (announcement: Announcement) => void;
}

/**
 * All tenants that are not asleep: a supervisor for each, made at the first knock and dropped when the tenant is stopped and
 * nobody waits. A stopped tenant costs what is remembered of it (Past), one that was never woken nothing.
 */
export class Lodging {
	readonly #means: LodgingMeans;
	readonly #supervisors = new Map<number, Supervisor>();
	/** Those whose tenants have another one: their instance finishes what it has, or is to take the other's place once it is ready. */
	readonly #beside = new Map<number, Set<Supervisor>>();
	/** Those of `beside` that are to take the other's place. */
	readonly #candidates = new Map<number, Supervisor>();
	readonly #pasts = new Map<number, Past>();
	readonly #leases = new Leases();
	readonly #reaper: Reaper;
	readonly #starts: Starts;
	readonly #opened: number;
	#closing = false;

	constructor(means: LodgingMeans) {
		this.#means = means;
		this.#opened = means.clock.now();
		this.#reaper = new Reaper(new Wheel(means.clock), means.clock, means.driver);
		this.#starts = new Starts(means.caps, () => this.#reaper.reapLongestIdle());
	}

	/** After a restart of the launcher, before anything else: nothing is reaped or drained before each of these edge workers has said hello or is gone. */
	awaitWorkers(workers: Iterable<number>): void {
		this.#leases.await(workers);
	}

	/** After a restart of the launcher, before the first `apply`: takes over a live instance; of two of one tenant the older first. */
	adopt(tenant: Tenant, found: Adoptable): void {
		const older = this.#supervisors.get(tenant.id);
		if (older !== undefined) this.#setAside(older);
		this.#supervise(tenant).adopt(found);
		void older?.stop('restart');
	}

	/** A tenant file is there, or changed: starts what is to run always, stops what is to be down, watches the public sockets. */
	apply(tenant: Tenant): void {
		if (this.#closing) return;
		const known = this.#supervisors.get(tenant.id);
		if (known !== undefined) known.apply(tenant);
		else if (tenant.keep === 'always') this.#supervise(tenant).apply(tenant);
		else this.#means.driver.watch(tenant);
	}

	/** Another tenant than the one that is awake may have its id now: what runs is drained, and who waited for it is sent away. */
	takeTurn(tenant: Tenant): void {
		const known = this.#supervisors.get(tenant.id);
		if (known === undefined || known.isOf(tenant)) return;
		const past = new Past(this.#means.clock.now());
		this.#pasts.set(tenant.id, past);
		known.hand(tenant, past);
	}

	/** After a restart of the launcher: takes over an instance of another tenant, which had the tenant's id, to drain it. */
	adoptForeign(tenant: Tenant, found: Adoptable): void {
		const supervisor = this.#supervise(tenant);
		supervisor.adopt(found);
		supervisor.hand(tenant, new Past(this.#means.clock.now()));
	}

	/** An address of the tenant's could be opened at last: its visitors are heard from now on. */
	addressOpened(id: number): void {
		const tenant = this.#means.find(id);
		if (tenant !== undefined && !this.#closing) this.#means.driver.watch(tenant);
	}

	/** A tenant file is gone: drains and stops its instance. Resolves when no process of it is left. */
	async remove(id: number): Promise<void> {
		await Promise.all(this.#all(id).map((supervisor) => supervisor.end('removed')));
		if (this.#means.find(id) === undefined) this.#pasts.delete(id);
	}

	/** Answers once the worker has a lease on an instance that is ready, or is denied one. */
	acquire(worker: number, id: number, visitor: { address: string; request: string }, answer: Answer): void {
		const { address, request } = visitor;
		this.#activate(id, { kind: 'visitor', worker, address, request }, answer);
	}

	/** An edge worker gave a lease back, `idle` ms after its last use. */
	release(worker: number, lease: Lease, idle: number): void {
		this.#giveBack(worker, lease, idle);
	}

	/** An edge worker is there, or there again, and repeats its leases: these and no others are its own. */
	hello(worker: number, leases: readonly Lease[]): void {
		for (const lease of this.#leases.missing(worker, leases)) this.#giveBack(worker, lease, 0);
		this.#forgetKnocks(worker);
		for (const { id, instance } of leases) {
			const holds = this.#all(id).some((supervisor) => supervisor.leaseRepeated(worker, instance));
			if (!holds) this.#means.edges.gone(id, instance);
		}
		this.#heardOf(worker);
	}

	/** An edge worker is gone, and its connections with it. */
	workerGone(worker: number): void {
		this.#forgetKnocks(worker);
		for (const lease of this.#leases.of(worker)) this.#giveBack(worker, lease, 0);
		this.#heardOf(worker);
	}

	/** An operator wants the tenant awake; a back-off is cut short. */
	wake(id: number): Promise<Acquired> {
		return new Promise((resolve) => this.#activate(id, { kind: 'operator' }, resolve));
	}

	/** A visitor waits at a public socket that the tenant serves by itself. */
	knock(id: number, socket: string): void {
		this.#activate(id, { kind: 'socket', name: socket }, () => {});
	}

	/** An operator wants the tenant down. Resolves when no process of its instance is left; who waits gets the next one. */
	async stop(id: number): Promise<void> {
		await Promise.all(this.#all(id).map((supervisor) => supervisor.stop('operator')));
	}

	/** True where another instance may run beside the tenant's live one: its file says so, or there is nothing that two could spoil. */
	mayOverlap(tenant: Tenant): boolean {
		if (!canOverlap(tenant)) return false;
		return tenant.overlap === 'on' || (tenant.keep === 'on-demand' && !this.#means.driver.keepsData(tenant));
	}

	/**
	 * Starts an instance beside the ready one, which finishes what it has once the new one is ready, and stays where that does not get
	 * ready. Undefined where there is no ready one, or another is under way.
	 */
	restart(tenant: Tenant): Promise<Acquired> | undefined {
		const old = this.#supervisors.get(tenant.id);
		if (old?.state !== 'ready' || this.#beside.has(tenant.id)) return undefined;
		const next = this.#newSupervisor(tenant, otherPlace(old));
		this.#addBeside(next);
		this.#candidates.set(tenant.id, next);
		return new Promise((resolve) => {
			next.activate({ kind: 'operator' }, (acquired) => {
				if (this.#candidates.get(tenant.id) === next) {
					if (acquired.granted) this.#succeed(next);
					else this.#dismiss(next);
				}
				resolve(acquired);
			});
		});
	}

	/** The house closes: denies all who wait, drains and stops everything. Resolves when no process is left. */
	async close(): Promise<void> {
		this.#closing = true;
		await Promise.all([...this.#everybody()].map((supervisor) => supervisor.end('closing')));
	}

	/** What the driver reports of a tenant's instance. */
	onEvent(id: number, event: InstanceEvent): void {
		for (const supervisor of this.#all(id)) supervisor.onEvent(event);
	}

	/** A live instance of the tenant, by its number: the tenant as it was launched, and where it answers. */
	live(
		id: number,
		instance: number,
	): { readonly tenant: Tenant; readonly place: Place; readonly port: number } | undefined {
		for (const { live, serving } of this.#all(id)) {
			if (live?.number === instance && serving !== undefined)
				return { tenant: serving, place: live.place, port: live.port };
		}
		return undefined;
	}

	/** The numbers of all live instances of the tenant. */
	instances(id: number): number[] {
		return this.#all(id).flatMap(({ live }) => live?.number ?? []);
	}

	/** Where the tenant's visitors are answered now; undefined where it has no live instance. */
	port(id: number): number | undefined {
		return this.#supervisors.get(id)?.live?.port;
	}

	/** The tenant as its live instance was launched, whose port is the one that answers; undefined where there is none. */
	serving(id: number): Tenant | undefined {
		return this.#supervisors.get(id)?.serving;
	}

	/** How many tenants are not simply asleep. */
	get awake(): number {
		return this.#supervisors.size;
	}

	/** All that is known of a tenant now. */
	facts(tenant: Tenant): Facts {
		const past = this.#pasts.get(tenant.id) ?? new Past(this.#opened);
		return this.#supervisors.get(tenant.id)?.facts() ?? restingFacts(tenant, past);
	}

	#activate(id: number, knocker: Knocker, answer: Answer): void {
		const tenant = this.#means.find(id);
		if (tenant === undefined) answer({ granted: false, reason: 'unknown', retryAfter: 1 });
		else if (this.#closing) answer({ granted: false, reason: 'failed', retryAfter: 1 });
		else if (this.#hasForeign(tenant)) answer({ granted: false, reason: 'failed', retryAfter: 1 });
		else this.#forKnock(tenant).activate(knocker, answer);
	}

	/** Whom a knock is for. Nobody waits for an instance that finishes what it has, where another may run beside it. */
	#forKnock(tenant: Tenant): Supervisor {
		const known = this.#supervisors.get(tenant.id);
		const candidate = this.#candidates.get(tenant.id);
		// No launch of two is needed: what was to take the other's place takes it at once where that is empty.
		if (candidate !== undefined && (known === undefined || isEmpty(known.state))) {
			this.#succeed(candidate);
			return candidate;
		}
		if (
			known?.state !== 'draining' ||
			!known.serves(tenant) ||
			this.#beside.has(tenant.id) ||
			!this.mayOverlap(tenant)
		) {
			return this.#supervise(tenant);
		}
		// One that accepts nobody any more leaves its socket, and who waits there, to the next.
		const next = this.#newSupervisor(tenant, known.isDeaf ? (known.live?.place ?? 1) : otherPlace(known));
		this.#supervisors.set(tenant.id, next);
		this.#addBeside(known);
		this.#handOver(known, next);
		return next;
	}

	/** True while an instance of another tenant, which had the id before, finishes what it has: nothing of this one's may run beside it. */
	#hasForeign(tenant: Tenant): boolean {
		return [...(this.#beside.get(tenant.id) ?? [])].some((supervisor) => !supervisor.serves(tenant));
	}

	#supervise(tenant: Tenant): Supervisor {
		const known = this.#supervisors.get(tenant.id);
		if (known !== undefined) return known;
		const supervisor = this.#newSupervisor(tenant, 1);
		this.#supervisors.set(tenant.id, supervisor);
		return supervisor;
	}

	#newSupervisor(tenant: Tenant, place: Place): Supervisor {
		const past = this.#pasts.get(tenant.id) ?? new Past(this.#means.clock.now());
		this.#pasts.set(tenant.id, past);
		const around = { ...this.#means, starts: this.#starts, reaper: this.#reaper, leases: this.#leases };
		const atRest = (): void => this.#drop(supervisor);
		const relieved = (): boolean => this.#relieve(supervisor);
		const hasOther = (): boolean => this.#beside.has(tenant.id);
		const supervisor: Supervisor = new Supervisor(tenant, past, { ...around, hasOther, relieved, atRest }, place);
		return supervisor;
	}

	/** False where the supervisor has to go on itself. */
	#relieve(supervisor: Supervisor): boolean {
		if (this.#supervisors.get(supervisor.tenant.id) !== supervisor) return false;
		if (this.#hasForeign(supervisor.tenant)) {
			supervisor.sendAway();
			return true;
		}
		const candidate = this.#candidates.get(supervisor.tenant.id);
		if (candidate === undefined) return false;
		this.#succeed(candidate);
		return true;
	}

	/** The tenant's visitors are its own from now on. */
	#succeed(next: Supervisor): void {
		const { id } = next.tenant;
		const old = this.#supervisors.get(id);
		this.#candidates.delete(id);
		this.#removeBeside(next);
		this.#supervisors.set(id, next);
		if (old === undefined) return;
		this.#addBeside(old);
		this.#handOver(old, next);
		void old.stop('restart');
	}

	#dismiss(supervisor: Supervisor): void {
		this.#candidates.delete(supervisor.tenant.id);
		supervisor.stepAside();
		void supervisor.stop('restart');
	}

	#setAside(supervisor: Supervisor): void {
		this.#supervisors.delete(supervisor.tenant.id);
		this.#addBeside(supervisor);
		supervisor.stepAside();
	}

	#handOver(from: Supervisor, to: Supervisor): void {
		for (const { knocker, answer } of from.stepAside()) to.activate(knocker, answer);
	}

	#addBeside(supervisor: Supervisor): void {
		const { id } = supervisor.tenant;
		this.#beside.set(id, (this.#beside.get(id) ?? new Set()).add(supervisor));
	}

	#removeBeside(supervisor: Supervisor): void {
		const { id } = supervisor.tenant;
		const others = this.#beside.get(id);
		others?.delete(supervisor);
		if (others?.size === 0) this.#beside.delete(id);
	}

	#drop(supervisor: Supervisor): void {
		const { id } = supervisor.tenant;
		if (this.#supervisors.get(id) === supervisor) this.#supervisors.delete(id);
		else this.#removeBeside(supervisor);
	}

	#giveBack(worker: number, { id, instance }: Lease, idle: number): void {
		for (const supervisor of this.#all(id)) supervisor.leaseReleased(worker, instance, idle);
	}

	/** All of a tenant's. */
	#all(id: number): Supervisor[] {
		const known = this.#supervisors.get(id);
		const beside = this.#beside.get(id);
		if (beside === undefined) return known === undefined ? [] : [known];
		return known === undefined ? [...beside] : [known, ...beside];
	}

	*#everybody(): Generator<Supervisor> {
		yield* [...this.#supervisors.values()];
		for (const beside of [...this.#beside.values()]) yield* [...beside];
	}

	#forgetKnocks(worker: number): void {
		for (const supervisor of this.#everybody()) supervisor.forgetKnocks(worker);
	}

	#heardOf(worker: number): void {
		if (!this.#leases.heardOf(worker)) return;
		for (const supervisor of this.#everybody()) supervisor.leasesComplete();
	}
}

function isEmpty(state: State): boolean {
	return state === 'stopped' || state === 'queued' || state === 'failed';
}

function otherPlace(supervisor: Supervisor): Place {
	return supervisor.live?.place === 2 ? 1 : 2;
}

function restingFacts(tenant: Tenant, { since, wakes, lastExit, lastFailure, lastWake, heldDown }: Past): Facts {
	return {
		tenant,
		state: 'stopped',
		since,
		wakes,
		lastExit,
		lastFailure,
		lastWake,
		heldDown,
		instance: undefined,
		leases: 0,
		leasesComplete: true,
		waiting: 0,
		ahead: undefined,
		timerDue: undefined,
		reapDue: undefined,
	};
}
