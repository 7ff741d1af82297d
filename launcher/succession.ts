import type { Tenant } from '../tenants/tenant.ts';
import type { StopOrder } from './announcement.ts';
import type { Place } from './drivers/launch.ts';
import type { Facts } from './facts.ts';
import type { Adoptable } from './instance.ts';
import type { Acquired, Answer, Knocker } from './knocks.ts';
import type { State } from './lifecycle.ts';
import type { Past } from './past.ts';
import { Supervisor } from './supervisor.ts';
import type { Shared, Standing } from './surroundings.ts';

/** What a succession needs of the lodging. */
export interface SuccessionMeans {
	readonly shared: Shared;
	/** True where another instance may run beside the tenant's live one. */
	readonly mayOverlap: (tenant: Tenant) => boolean;
	/** Nobody is left here. */
	readonly ended: () => void;
}

/**
 * The instances of one VPS id as they follow each other, a supervisor for each: the current one has the visitors, its elders finish
 * what they have, and a candidate takes over once it is ready.
 */
export class Succession {
	readonly #means: SuccessionMeans;
	#past: Past;
	#current: Supervisor | undefined;
	readonly #elders = new Set<Supervisor>();
	#candidate: Supervisor | undefined;

	constructor(past: Past, means: SuccessionMeans) {
		this.#past = past;
		this.#means = means;
	}

	/** The elders last. */
	get all(): Supervisor[] {
		const [current, candidate] = [this.#current ?? [], this.#candidate ?? []];
		return [current, candidate, ...this.#elders].flat();
	}

	get current(): Supervisor | undefined {
		return this.#current;
	}

	/** False where another tenant has the id. */
	isOf(tenant: Tenant): boolean {
		return this.#past.isOf(tenant);
	}

	/** What is known of who has the visitors; undefined where that is nobody. */
	facts(): Facts | undefined {
		return this.#current?.facts();
	}

	/** After a restart of the launcher: takes over a live instance; the older of two first, which goes on until the younger is ready. */
	adopt(tenant: Tenant, found: Adoptable): void {
		const older = this.#current;
		if (older === undefined) {
			this.#currentOf(tenant).adopt(found);
			return;
		}
		const younger = this.#make(tenant, 1);
		this.#candidate = younger;
		younger.adopt(found);
		if (younger.state === 'ready' || younger.state === 'starting') this.#await(younger, () => {});
		else this.#setAside(younger);
	}

	/** As `adopt`, an instance of another tenant, which had the id: it drains. */
	adoptForeign(tenant: Tenant, found: Adoptable): void {
		const older = this.#current;
		if (older !== undefined) this.#setAside(older);
		this.#current = this.#make(tenant, 1);
		this.#current.adopt(found);
		this.#current.hand(tenant, this.#past);
	}

	/** The tenant's file is there, or changed. */
	apply(tenant: Tenant): void {
		this.#candidate?.apply(tenant);
		if (this.#current !== undefined) this.#current.apply(tenant);
		else if (tenant.keep === 'always') this.#currentOf(tenant).apply(tenant);
		else this.#means.shared.driver.watch(tenant);
	}

	/** Another tenant has the id from now on: what runs is drained, who waited for it is sent away, and what is remembered is the other's. */
	hand(tenant: Tenant, past: Past): void {
		this.#past = past;
		this.#giveUpCandidate('file');
		for (const elder of this.#elders) elder.disown();
		this.#current?.hand(tenant, past);
	}

	/** Whom the knock is for answers it. */
	activate(tenant: Tenant, knocker: Knocker, answer: Answer): void {
		this.#forKnock(tenant).activate(knocker, answer);
	}

	/** As Lodging says. */
	restart(tenant: Tenant): Promise<Acquired> | undefined {
		const old = this.#current;
		if (old?.state !== 'ready' || this.#hasOther()) return undefined;
		const next = this.#make(tenant, otherPlace(old));
		this.#candidate = next;
		return new Promise((resolve) => this.#await(next, resolve));
	}

	/** Resolves when what lives now is gone; who waits gets the next one. */
	async stop(): Promise<void> {
		this.#giveUpCandidate('operator');
		await Promise.all(this.all.map((supervisor) => supervisor.stop('operator')));
	}

	/** As stop, and nothing is started any more. */
	async end(why: 'removed' | 'closing'): Promise<void> {
		await Promise.all(this.all.map((supervisor) => supervisor.end(why)));
	}

	get hasElders(): boolean {
		return this.#elders.size > 0;
	}

	/** Resolves when no elder is left that finishes what it has. */
	async eldersGone(): Promise<void> {
		await Promise.all([...this.#elders].map((elder) => elder.gone));
	}

	/** Nobody waits for an instance that finishes what it has, where another may run beside it. */
	#forKnock(tenant: Tenant): Supervisor {
		const current = this.#current;
		// No launch of two is needed: what was to take the other's place takes it at once where that is empty.
		if (this.#candidate !== undefined && (current === undefined || isEmpty(current.state)))
			return this.#succeed(this.#candidate);
		const finishes = current?.state === 'draining' && !current.isForeign && !this.#hasOther();
		if (!finishes || this.#past.alone || !this.#means.mayOverlap(tenant)) return this.#currentOf(tenant);
		// One that accepts nobody any more leaves its socket, and who waits there, to the next.
		const next = this.#make(tenant, current.isDeaf ? (current.live?.place ?? 1) : otherPlace(current));
		this.#current = next;
		this.#elders.add(current);
		this.#handOver(current, next);
		return next;
	}

	#currentOf(tenant: Tenant): Supervisor {
		this.#current ??= this.#make(tenant, this.#freePlace());
		return this.#current;
	}

	#freePlace(): Place {
		return [...this.#elders].some(({ live }) => live?.place === 1) ? 2 : 1;
	}

	#make(tenant: Tenant, place: Place): Supervisor {
		const standing: Standing = {
			hasOther: () => this.#hasOther(),
			mustWait: () => this.#hasForeignElder(),
			relieved: () => this.#relieve(supervisor),
			yields: () => this.#yield(supervisor),
			atRest: () => this.#drop(supervisor),
		};
		const supervisor: Supervisor = new Supervisor(tenant, this.#past, { ...this.#means.shared, ...standing }, place);
		return supervisor;
	}

	#hasOther(): boolean {
		return this.#elders.size > 0 || this.#candidate !== undefined;
	}

	/** Nothing of this tenant's may run beside an instance of one that had the id before. */
	#hasForeignElder(): boolean {
		return [...this.#elders].some(({ isForeign }) => isForeign);
	}

	/** Once it is ready, the candidate takes over; where it is not, the current one stays. */
	#await(candidate: Supervisor, resolve: (acquired: Acquired) => void): void {
		candidate.activate({ kind: 'operator' }, (acquired) => {
			if (this.#candidate === candidate) {
				if (acquired.granted) this.#succeed(candidate);
				else this.#setAside(candidate);
			}
			resolve(acquired);
		});
	}

	/** The visitors are the candidate's from now on. */
	#succeed(next: Supervisor): Supervisor {
		const old = this.#current;
		this.#candidate = undefined;
		this.#current = next;
		if (old !== undefined) {
			this.#elders.add(old);
			this.#handOver(old, next);
			void old.stop('restart');
		}
		return next;
	}

	/** What the candidate was to be, it is not; who waits for it is told. */
	#giveUpCandidate(order: StopOrder): void {
		const candidate = this.#candidate;
		if (candidate === undefined) return;
		for (const { answer } of this.#setAside(candidate)) answer({ granted: false, reason: 'failed', retryAfter: 1 });
		void candidate.stop(order);
	}

	/** False where the supervisor has to go on itself: nothing of its instance is left. */
	#relieve(supervisor: Supervisor): boolean {
		if (supervisor !== this.#current || this.#candidate === undefined) return false;
		this.#succeed(this.#candidate);
		return true;
	}

	/** True where what could not be started is not tried again, for another one goes on; it has who waited. */
	#yield(supervisor: Supervisor): boolean {
		if (supervisor === this.#candidate) return true;
		const elder = [...this.#elders].find(finishes);
		if (supervisor !== this.#current || elder === undefined) return false;
		this.#elders.add(supervisor);
		this.#promote(elder);
		this.#handOver(supervisor, elder);
		return true;
	}

	/** Who knocks is the elder's again: he waits for its end, or gets another one beside it. */
	#promote(elder: Supervisor): void {
		this.#elders.delete(elder);
		this.#current = elder;
		elder.stepBack();
	}

	#setAside(supervisor: Supervisor): ReturnType<Supervisor['stepAside']> {
		if (this.#candidate === supervisor) this.#candidate = undefined;
		this.#elders.add(supervisor);
		return supervisor.stepAside();
	}

	#handOver(from: Supervisor, to: Supervisor): void {
		for (const { knocker, answer } of from.stepAside()) to.activate(knocker, answer);
	}

	#drop(supervisor: Supervisor): void {
		if (this.#current === supervisor) this.#current = undefined;
		if (this.#candidate === supervisor) this.#candidate = undefined;
		this.#elders.delete(supervisor);
		if (this.#current === undefined) {
			const elder = [...this.#elders].find(finishes);
			if (elder !== undefined) this.#promote(elder);
		}
		if (!this.#hasForeignElder()) this.#current?.proceed();
		if (this.all.length === 0) this.#means.ended();
	}
}

/** True where it comes to its end in good order, and may have the visitors back. */
function finishes({ state, isForeign }: Supervisor): boolean {
	return (state === 'draining' || state === 'stopping') && !isForeign;
}

function isEmpty(state: State): boolean {
	return state === 'stopped' || state === 'queued' || state === 'failed';
}

function otherPlace(supervisor: Supervisor): Place {
	return supervisor.live?.place === 2 ? 1 : 2;
}
