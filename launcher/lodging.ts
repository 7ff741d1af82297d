import type { Tenant } from '../tenants/tenant.ts';
import type { Announcement } from './announcement.ts';
import type { Clock } from './clock.ts';
import type { Driver, InstanceEvent } from './driver.ts';
import type { Facts } from './facts.ts';
import type { Adoptable } from './instance.ts';
import type { Acquired, Answer, Knocker } from './knocks.ts';
import { Leases } from './leases.ts';
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

	/** After a restart of the launcher, before the first `apply`: takes over a live instance. */
	adopt(tenant: Tenant, found: Adoptable): void {
		this.#supervise(tenant).adopt(found);
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
		await this.#supervisors.get(id)?.end('removed');
		if (this.#means.find(id) === undefined) this.#pasts.delete(id);
	}

	/** Answers once the worker has a lease on an instance that is ready, or is denied one. */
	acquire(worker: number, id: number, visitor: { address: string; request: string }, answer: Answer): void {
		const { address, request } = visitor;
		this.#activate(id, { kind: 'visitor', worker, address, request }, answer);
	}

	/** An edge worker gave a lease back, `idle` ms after its last use. */
	release(worker: number, lease: Lease, idle: number): void {
		this.#supervisors.get(lease.id)?.leaseReleased(worker, lease.instance, idle);
	}

	/** An edge worker is there, or there again, and repeats its leases: these and no others are its own. */
	hello(worker: number, leases: readonly Lease[]): void {
		for (const { id, instance } of this.#leases.missing(worker, leases)) {
			this.#supervisors.get(id)?.leaseReleased(worker, instance, 0);
		}
		this.#forgetKnocks(worker);
		for (const { id, instance } of leases) {
			const holds = this.#supervisors.get(id)?.leaseRepeated(worker, instance) ?? false;
			if (!holds) this.#means.edges.gone(id, instance);
		}
		this.#heardOf(worker);
	}

	/** An edge worker is gone, and its connections with it. */
	workerGone(worker: number): void {
		this.#forgetKnocks(worker);
		for (const { id, instance } of this.#leases.of(worker))
			this.#supervisors.get(id)?.leaseReleased(worker, instance, 0);
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
		await this.#supervisors.get(id)?.stop('operator');
	}

	/** The house closes: denies all who wait, drains and stops everything. Resolves when no process is left. */
	async close(): Promise<void> {
		this.#closing = true;
		await Promise.all([...this.#supervisors.values()].map((supervisor) => supervisor.end('closing')));
	}

	/** What the driver reports of a tenant's instance. */
	onEvent(id: number, event: InstanceEvent): void {
		this.#supervisors.get(id)?.onEvent(event);
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
		else this.#supervise(tenant).activate(knocker, answer);
	}

	#supervise(tenant: Tenant): Supervisor {
		const known = this.#supervisors.get(tenant.id);
		if (known !== undefined) return known;
		const past = this.#pasts.get(tenant.id) ?? new Past(this.#means.clock.now());
		this.#pasts.set(tenant.id, past);
		const supervisor = new Supervisor(tenant, past, {
			...this.#means,
			starts: this.#starts,
			reaper: this.#reaper,
			leases: this.#leases,
			atRest: (id) => this.#supervisors.delete(id),
		});
		this.#supervisors.set(tenant.id, supervisor);
		return supervisor;
	}

	#forgetKnocks(worker: number): void {
		for (const supervisor of [...this.#supervisors.values()]) supervisor.forgetKnocks(worker);
	}

	#heardOf(worker: number): void {
		if (!this.#leases.heardOf(worker)) return;
		for (const supervisor of [...this.#supervisors.values()]) supervisor.leasesComplete();
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
