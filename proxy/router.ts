import { LRUCache } from 'lru-cache';
import type { TenantView } from '../launcher/protocol/edge.ts';
import type { Clock } from './clock.ts';
import { EdgeTenant } from './tenant.ts';

/** Hosts and addresses remembered, and as many more that are nobody's. */
const REMEMBERED = 20_000;

/** For how long (ms) a host stays nobody's without being asked again: a tenant file may come. */
const MISS_LASTS = 5000;

/** So many keys are asked for at the same time: a launcher that says nothing must not cost more memory with every visitor. */
const MOST_ASKED = 10_000;

/** Who waits to hear whose a key is. */
export interface Asker {
	routed(tenant: EdgeTenant | null): void;
}

/** Whose hosts and addresses are; the launcher is asked once for each, and its answer kept until it takes it back. */
export class Router {
	readonly #clock: Clock;
	readonly #resolve: (key: string, then: (view: TenantView | null) => void) => void;
	readonly #left: (tenant: EdgeTenant) => void;
	readonly #tenants = new Map<number, EdgeTenant>();
	readonly #hits: LRUCache<string, EdgeTenant>;
	/** Until when (ms of the clock) the key is known to be nobody's. */
	readonly #misses = new LRUCache<string, number>({ max: REMEMBERED });
	readonly #asked = new Map<string, Set<Asker>>();

	/** `resolve` asks the launcher; `left` is told of a tenant whose id is another's, before that takes its place. */
	constructor(
		clock: Clock,
		resolve: (key: string, then: (view: TenantView | null) => void) => void,
		left: (tenant: EdgeTenant) => void,
	) {
		this.#clock = clock;
		this.#left = left;
		this.#resolve = resolve;
		this.#hits = new LRUCache<string, EdgeTenant>({
			max: REMEMBERED,
			dispose: (tenant) => {
				tenant.routes--;
				this.settle(tenant);
			},
		});
	}

	/** The tenant of a key, null where it is nobody's, undefined where that is not known. */
	find(key: string): EdgeTenant | null | undefined {
		const tenant = this.#hits.get(key);
		if (tenant !== undefined) return tenant;
		const until = this.#misses.get(key);
		return until !== undefined && this.#clock.now() < until ? null : undefined;
	}

	/** Asks the launcher, unless that was done for somebody else already; `asker` hears the answer. False: too much is asked. */
	ask(key: string, asker: Asker): boolean {
		const askers = this.#asked.get(key);
		if (askers !== undefined) {
			askers.add(asker);
			return true;
		}
		if (this.#asked.size >= MOST_ASKED) return false;
		this.#asked.set(key, new Set([asker]));
		this.#resolve(key, (view) => this.#answered(key, view));
		return true;
	}

	/** The asker does not wait any longer. */
	unask(key: string, asker: Asker): void {
		this.#asked.get(key)?.delete(asker);
	}

	/** What was answered for these keys does not hold any more; `*`: nothing does. */
	forget(keys: readonly string[]): void {
		if (keys.includes('*')) {
			this.#hits.clear();
			this.#misses.clear();
		}
		for (const key of keys) {
			this.#hits.delete(key);
			this.#misses.delete(key);
		}
	}

	/** The tenant with that id, if this worker has anything to do with it. */
	tenant(id: number): EdgeTenant | undefined {
		return this.#tenants.get(id);
	}

	tenants(): IterableIterator<EdgeTenant> {
		return this.#tenants.values();
	}

	/** Forgets a tenant that nothing leads to and nobody uses. */
	settle(tenant: EdgeTenant): void {
		if (tenant.idle && this.#tenants.get(tenant.view.id) === tenant) this.#tenants.delete(tenant.view.id);
	}

	#answered(key: string, view: TenantView | null): void {
		const tenant = view === null ? null : this.#known(view);
		if (tenant === null) {
			this.#misses.set(key, this.#clock.now() + MISS_LASTS);
		} else {
			this.#misses.delete(key);
			tenant.routes++;
			this.#hits.set(key, tenant);
		}
		const askers = this.#asked.get(key);
		this.#asked.delete(key);
		for (const asker of askers ?? []) asker.routed(tenant);
	}

	#known(view: TenantView): EdgeTenant {
		let tenant = this.#tenants.get(view.id);
		if (tenant !== undefined && tenant.view.name !== view.name) {
			this.#left(tenant);
			tenant = undefined;
		}
		if (tenant === undefined) {
			tenant = new EdgeTenant(view);
			this.#tenants.set(view.id, tenant);
		} else {
			tenant.view = view;
		}
		return tenant;
	}
}
