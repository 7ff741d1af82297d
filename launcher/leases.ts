import type { VpsId } from '../tenants/ids.ts';
import type { Lease } from './protocol/edge.ts';

/** The leases on one instance. */
interface Holders {
	readonly instance: number;
	readonly workers: Set<number>;
}

/**
 * The book of leases: which edge workers (by number; the next of that number comes only once the one before it is gone) may have connections to which instance.
 * At most one instance of a tenant is alive, so it has at most one page here.
 */
export class Leases {
	readonly #pages = new Map<VpsId, Holders>();
	readonly #byWorker = new Map<number, Set<VpsId>>();
	readonly #awaited = new Set<number>();

	/** After a restart of the launcher: nothing counts as free before each of these has repeated its leases or is gone. */
	await(workers: Iterable<number>): void {
		for (const worker of workers) this.#awaited.add(worker);
	}

	/** True once no worker may hold a lease that the book does not know. */
	get complete(): boolean {
		return this.#awaited.size === 0;
	}

	/** Idempotent. */
	take(worker: number, id: VpsId, instance: number): void {
		this.#page(id, instance).workers.add(worker);
		const ids = this.#byWorker.get(worker) ?? new Set();
		this.#byWorker.set(worker, ids.add(id));
	}

	/** False where there was no such lease. */
	release(worker: number, id: VpsId, instance: number): boolean {
		const page = this.#pages.get(id);
		if (page?.instance !== instance || !page.workers.delete(worker)) return false;
		if (page.workers.size === 0) this.#pages.delete(id);
		this.#forget(worker, id);
		return true;
	}

	/** The instance is dead: all leases on it end. True where there were any. */
	end(id: VpsId): boolean {
		const page = this.#pages.get(id);
		if (page === undefined) return false;
		this.#pages.delete(id);
		for (const worker of page.workers) this.#forget(worker, id);
		return true;
	}

	/** How many workers hold a lease on the tenant's instance. */
	count(id: VpsId): number {
		return this.#pages.get(id)?.workers.size ?? 0;
	}

	/** What the worker holds. */
	of(worker: number): { id: VpsId; instance: number }[] {
		return [...(this.#byWorker.get(worker) ?? [])].map((id) => ({ id, instance: this.#pages.get(id)?.instance ?? 0 }));
	}

	/** What the book has of the worker and the worker, repeating its leases, has not. */
	missing(worker: number, repeated: readonly Lease[]): { id: VpsId; instance: number }[] {
		const said = new Set(repeated.map((lease) => `${lease.id}/${lease.instance}`));
		return this.of(worker).filter((lease) => !said.has(`${lease.id}/${lease.instance}`));
	}

	/** The worker has repeated its leases, or is gone. True where it was the last one awaited. */
	heardOf(worker: number): boolean {
		return this.#awaited.delete(worker) && this.complete;
	}

	#page(id: VpsId, instance: number): Holders {
		const known = this.#pages.get(id);
		if (known?.instance === instance) return known;
		const page = { instance, workers: new Set<number>() };
		this.#pages.set(id, page);
		return page;
	}

	#forget(worker: number, id: VpsId): void {
		const ids = this.#byWorker.get(worker);
		ids?.delete(id);
		if (ids?.size === 0) this.#byWorker.delete(worker);
	}
}
