import { type Tenant, whyNeverTwo } from '../tenants/tenant.ts';
import type { Announcement } from './announcement.ts';
import type { Clock } from './clock.ts';
import type { Driver, InstanceEvent } from './driver.ts';
import type { Place } from './drivers/launch.ts';
import type { Facts } from './facts.ts';
import type { Adoptable } from './instance.ts';
import type { Acquired, Answer, Knocker } from './knocks.ts';
import { Leases } from './leases.ts';
import { Past } from './past.ts';
import type { Lease } from './protocol/edge.ts';
import type { Prober } from './readiness.ts';
import { Reaper } from './reaper.ts';
import { type StartCaps, Starts } from './starts.ts';
import { Succession } from './succession.ts';
import type { Supervisor } from './supervisor.ts';
import type { Edges, Shared } from './surroundings.ts';
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
 * All tenants that are not asleep: a succession for each, made at the first knock and dropped when the tenant is stopped and nobody
 * waits. A stopped tenant costs what is remembered of it (Past), one that was never woken nothing.
 */
export class Lodging {
	readonly #means: LodgingMeans;
	readonly #successions = new Map<number, Succession>();
	readonly #pasts = new Map<number, Past>();
	readonly #leases = new Leases();
	readonly #shared: Shared;
	readonly #opened: number;
	#closing = false;

	constructor(means: LodgingMeans) {
		this.#means = means;
		this.#opened = means.clock.now();
		const reaper = new Reaper(new Wheel(means.clock), means.clock, means.driver);
		const starts = new Starts(means.caps, () => reaper.reapLongestIdle());
		this.#shared = { ...means, reaper, starts, leases: this.#leases };
	}

	/** After a restart of the launcher, before anything else: nothing is reaped or drained before each of these edge workers has said hello or is gone. */
	awaitWorkers(workers: Iterable<number>): void {
		this.#leases.await(workers);
	}

	/** After a restart of the launcher, before the first `apply`: takes over a live instance; of two of one tenant the older first. */
	adopt(tenant: Tenant, found: Adoptable): void {
		this.#successionOf(tenant).adopt(tenant, found);
	}

	/** As `adopt`, an instance of another tenant, which had the tenant's id, to drain it. */
	adoptForeign(tenant: Tenant, found: Adoptable): void {
		this.#successionOf(tenant).adoptForeign(tenant, found);
	}

	/** A tenant file is there, or changed: starts what is to run always, stops what is to be down, watches the public sockets. */
	apply(tenant: Tenant): void {
		if (this.#closing) return;
		const known = this.#successions.get(tenant.id);
		if (known !== undefined) known.apply(tenant);
		else if (tenant.keep === 'always') this.#successionOf(tenant).apply(tenant);
		else this.#means.driver.watch(tenant);
	}

	/** Another tenant than the one that is awake may have its id now: what runs is drained, and who waited for it is sent away. */
	takeTurn(tenant: Tenant): void {
		const known = this.#successions.get(tenant.id);
		if (known !== undefined && !known.isOf(tenant)) known.hand(tenant, this.#pastOf(tenant));
	}

	/** An address of the tenant's could be opened at last: its visitors are heard from now on. */
	addressOpened(id: number): void {
		const tenant = this.#means.find(id);
		if (tenant !== undefined && !this.#closing) this.#means.driver.watch(tenant);
	}

	/** A tenant file is gone: drains and stops its instance. Resolves when no process of it is left. */
	async remove(id: number): Promise<void> {
		await this.#successions.get(id)?.end('removed');
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
		await this.#successions.get(id)?.stop();
	}

	/**
	 * Why no other instance may run beside the tenant's live one, in words that go on from "because"; undefined where one may: its file
	 * says so, or there is nothing that two could spoil.
	 */
	whyAlone(tenant: Tenant): string | undefined {
		const never = whyNeverTwo(tenant);
		if (never !== undefined || tenant.overlap === 'on') return never;
		if (tenant.keep !== 'on-demand') return 'it is to run always, and its file does not say `overlap: on`';
		if (this.#means.driver.keepsData(tenant))
			return 'it may keep data that two would spoil, and its file does not say `overlap: on`';
		return undefined;
	}

	/**
	 * Starts an instance beside the ready one, which finishes what it has once the new one is ready, and stays where that does not get
	 * ready. Undefined where there is no ready one, or another is under way.
	 */
	restart(tenant: Tenant): Promise<Acquired> | undefined {
		return this.#closing ? undefined : this.#successions.get(tenant.id)?.restart(tenant);
	}

	/** Resolves when of the tenant's instances only that is left which has its visitors, and what is to take its place. */
	async eldersGone(id: number): Promise<void> {
		await this.#successions.get(id)?.eldersGone();
	}

	/** True where an instance of the tenant finishes what it has beside another. */
	hasElders(id: number): boolean {
		return this.#successions.get(id)?.hasElders === true;
	}

	/** The house closes: denies all who wait, drains and stops everything. Resolves when no process is left. */
	async close(): Promise<void> {
		this.#closing = true;
		await Promise.all([...this.#successions.values()].map((succession) => succession.end('closing')));
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
		return this.#successions.get(id)?.current?.live?.port;
	}

	/** The tenant as its live instance was launched, whose port is the one that answers; undefined where there is none. */
	serving(id: number): Tenant | undefined {
		return this.#successions.get(id)?.current?.serving;
	}

	/** How many tenants are not simply asleep. */
	get awake(): number {
		return this.#successions.size;
	}

	/** All that is known of a tenant now. */
	facts(tenant: Tenant): Facts {
		const known = this.#pasts.get(tenant.id);
		const past = known?.isOf(tenant) === true ? known : new Past(tenant, this.#opened);
		return this.#successions.get(tenant.id)?.facts() ?? restingFacts(tenant, past);
	}

	#activate(id: number, knocker: Knocker, answer: Answer): void {
		const tenant = this.#means.find(id);
		if (tenant === undefined) answer({ granted: false, reason: 'unknown', retryAfter: 1 });
		else if (this.#closing) answer({ granted: false, reason: 'failed', retryAfter: 1 });
		else this.#successionOf(tenant).activate(tenant, knocker, answer);
	}

	#successionOf(tenant: Tenant): Succession {
		const { id } = tenant;
		const known = this.#successions.get(id);
		if (known !== undefined) return known;
		const succession: Succession = new Succession(this.#pastOf(tenant), {
			shared: this.#shared,
			mayOverlap: (candidate) => this.whyAlone(candidate) === undefined,
			ended: () => this.#successions.delete(id),
		});
		this.#successions.set(id, succession);
		return succession;
	}

	/** What is remembered of the tenant; nothing of another one that had the id. */
	#pastOf(tenant: Tenant): Past {
		const known = this.#pasts.get(tenant.id);
		if (known?.isOf(tenant)) return known;
		const past = new Past(tenant, this.#means.clock.now());
		this.#pasts.set(tenant.id, past);
		return past;
	}

	#giveBack(worker: number, { id, instance }: Lease, idle: number): void {
		for (const supervisor of this.#all(id)) supervisor.leaseReleased(worker, instance, idle);
	}

	/** All of a tenant's. */
	#all(id: number): Supervisor[] {
		return this.#successions.get(id)?.all ?? [];
	}

	*#everybody(): Generator<Supervisor> {
		for (const succession of [...this.#successions.values()]) yield* succession.all;
	}

	#forgetKnocks(worker: number): void {
		for (const supervisor of this.#everybody()) supervisor.forgetKnocks(worker);
	}

	#heardOf(worker: number): void {
		if (!this.#leases.heardOf(worker)) return;
		for (const supervisor of this.#everybody()) supervisor.leasesComplete();
	}
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
