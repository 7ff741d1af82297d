import type { Announcement } from '../../launcher/announcement.ts';
import type { Facts } from '../../launcher/facts.ts';
import type { Acquired } from '../../launcher/knocks.ts';
import { Lodging } from '../../launcher/lodging.ts';
import type { StartCaps } from '../../launcher/starts.ts';
import { vpsId } from '../../tenants/ids.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeDriver } from './fake-driver.ts';

/** A tenant that serves HTTP in the hall, with the defaults of the contract. */
export function makeTenant(id: number, changes: Partial<Tenant> = {}): Tenant {
	return {
		id: vpsId(id),
		name: `tenant-${id}`,
		file: `/tenants/${id}/tenant.yaml`,
		folder: `/tenants/${id}`,
		owner: undefined,
		hosts: [`${id}.localhost`],
		addresses: [],
		command: ['server'],
		cwd: `/tenants/${id}`,
		env: {},
		user: undefined,
		noNewPrivileges: undefined,
		envFile: undefined,
		port: 8080,
		activation: 'adopt',
		readiness: undefined,
		limits: { connections: 1000, queue: 1000 },
		overlap: 'off',
		keep: 'on-demand',
		idle: { stop: 60_000 },
		start: { timeout: 30_000 },
		stop: { signal: 'SIGTERM', grace: 10_000, drain: 30_000 },
		log: { size: 10_000_000, files: 2 },
		...changes,
	};
}

/** A lodging among fakes: a clock, a driver, edges that only remember, and a prober that a test answers for. */
export class LodgingHouse {
	readonly clock: FakeClock = new FakeClock();
	readonly driver: FakeDriver = new FakeDriver((id, event) => this.lodging.onEvent(id, event));
	readonly tenants: Map<number, Tenant> = new Map();
	readonly announced: Announcement[] = [];
	/** What the edges were told, as `gone 101/1`. */
	readonly told: string[] = [];
	/** Which edge workers may connect ahead, as `1 101:8080`. */
	readonly early: string[] = [];
	readonly probes: { readonly tenant: Tenant; readonly signal: AbortSignal; readonly succeed: () => void }[] = [];
	caps: StartCaps = { atOnce: 4, running: 1000, waiting: 1000 };
	readonly lodging: Lodging;
	#instances = 0;

	constructor(...tenants: Tenant[]) {
		for (const tenant of tenants) this.tenants.set(tenant.id, tenant);
		this.lodging = new Lodging({
			clock: this.clock,
			driver: this.driver,
			prober: {
				probe: (tenant, _instance, signal) => {
					const { promise, resolve, reject } = Promise.withResolvers<void>();
					signal.addEventListener('abort', () => reject(signal.reason));
					this.probes.push({ tenant, signal, succeed: resolve });
					return promise;
				},
			},
			edges: {
				gone: (id, instance) => this.hear('gone', id, instance),
				starting: (worker, id, port) => this.early.push(`${worker} ${id}:${port}`),
				revoke: (id, instance) => this.hear('revoke', id, instance),
				deaf: (id, instance) => this.hear('deaf', id, instance),
			},
			find: (id) => this.tenants.get(id),
			nextInstance: () => ++this.#instances,
			caps: () => this.caps,
			announce: (announcement) => {
				if (announcement.type === 'unexpected') {
					throw new Error(`${announcement.event} came while ${announcement.state}`);
				}
				this.announced.push(announcement);
			},
		});
	}

	/** What the edges hear. */
	hear(what: 'gone' | 'revoke' | 'deaf', id: number, instance: number): void {
		this.told.push(`${what} ${id}/${instance}`);
	}

	/** A visitor's knock by way of an edge worker; the list fills with the answer. */
	acquire(id: number, worker = 1): Acquired[] {
		const answers: Acquired[] = [];
		this.lodging.acquire(worker, id, { address: '192.0.2.1', request: 'GET /' }, (answer) => answers.push(answer));
		return answers;
	}

	/** Wakes a tenant whose program listens at once; the worker has its lease. Returns the instance's number. */
	wake(id: number, worker = 1): number {
		const answers = this.acquire(id, worker);
		this.driver.last.exec();
		this.driver.last.listen();
		const [answer] = answers;
		if (answer?.granted !== true) throw new Error(`${id} was not woken`);
		return answer.instance;
	}

	/** Gives the worker's lease on the tenant's live instance back. */
	release(id: number, instance: number, idle = 0, worker = 1): void {
		this.lodging.release(worker, { id, instance }, idle);
	}

	facts(id: number): Facts {
		return this.lodging.facts(this.tenants.get(id) ?? makeTenant(id));
	}

	state(id: number): string {
		return this.facts(id).state;
	}

	/** What was announced of a type, in order. */
	announcements<Type extends Announcement['type']>(type: Type): (Announcement & { type: Type })[] {
		return this.announced.filter((each): each is Announcement & { type: Type } => each.type === type);
	}

	/** Changes a tenant file. */
	apply(tenant: Tenant): void {
		this.tenants.set(tenant.id, tenant);
		this.lodging.apply(tenant);
	}

	/** Lets what was promised come about. */
	async settle(): Promise<void> {
		for (let turn = 0; turn < 8; turn++) await null;
	}
}
