import type { VpsId } from '../tenants/ids.ts';
import type { Lease } from './protocol/edge.ts';

/** The leases on one instance. */
interface Page {
	readonly id: VpsId;
	readonly instance: number;
	readonly workers: Set<number>;
}

/**
 * The book of leases: which edge workers (by number; the next of that number comes only once the one before it is gone) may have
 * connections to which instance. Two instances of a tenant may live side by side, so each instance has a page of its own.
 */
export class Leases {
	readonly #pages = new Map<string, Page>();
	readonly #byWorker = new Map<number, Set<Page>>();
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
		const page = this.#page(id, instance);
		page.workers.add(worker);
		const pages = this.#byWorker.get(worker) ?? new Set();
		this.#byWorker.set(worker, pages.add(page));
	}

	/** False where there was no such lease. */
	release(worker: number, id: VpsId, instance: number): boolean {
		const page = this.#pages.get(key(id, instance));
		if (!page?.workers.delete(worker)) return false;
		if (page.workers.size === 0) this.#pages.delete(key(id, instance));
		this.#forget(worker, page);
		return true;
	}

	/** The instance is dead: all leases on it end. True where there were any. */
	end(id: VpsId, instance: number): boolean {
		const page = this.#pages.get(key(id, instance));
		if (page === undefined) return false;
		this.#pages.delete(key(id, instance));
		for (const worker of page.workers) this.#forget(worker, page);
		return true;
	}

	/** How many workers hold a lease on the instance. */
	count(id: VpsId, instance: number): number {
		return this.#pages.get(key(id, instance))?.workers.size ?? 0;
	}

	/** What the worker holds. */
	of(worker: number): { id: VpsId; instance: number }[] {
		return [...(this.#byWorker.get(worker) ?? [])].map(({ id, instance }) => ({ id, instance }));
	}

	/** What the book has of the worker and the worker, repeating its leases, has not. */
	missing(worker: number, repeated: readonly Lease[]): { id: VpsId; instance: number }[] {
		const said = new Set(repeated.map(({ id, instance }) => key(id, instance)));
		return this.of(worker).filter(({ id, instance }) => !said.has(key(id, instance)));
	}

	/** The worker has repeated its leases, or is gone. True where it was the last one awaited. */
	heardOf(worker: number): boolean {
		return this.#awaited.delete(worker) && this.complete;
	}

	#page(id: VpsId, instance: number): Page {
		const known = this.#pages.get(key(id, instance));
		if (known !== undefined) return known;
		const page = { id, instance, workers: new Set<number>() };
		this.#pages.set(key(id, instance), page);
		return page;
	}

	#forget(worker: number, page: Page): void {
		const pages = this.#byWorker.get(worker);
		pages?.delete(page);
		if (pages?.size === 0) this.#byWorker.delete(worker);
	}
}

function key(id: number, instance: number): string {
	return `${id}/${instance}`;
}
