import type { Driver, InstanceEvent, Started } from '../../launcher/driver.ts';
import { hallName, type Place, publicSockets } from '../../launcher/drivers/launch.ts';
import { LauncherError } from '../../launcher/errors.ts';
import type { VpsId } from '../../tenants/ids.ts';
import type { Tenant } from '../../tenants/tenant.ts';

/** One instance in the imagined world: what a test lets it do, it does. */
export class FakeInstance {
	readonly tenant: Tenant;
	readonly number: number;
	readonly signals: string[] = [];
	killed = 0;
	/** Some process of it is left. */
	alive = true;
	/** Its first process is left. */
	leading = true;
	listening = false;
	starting = true;
	readonly place: Place;
	/** Which sockets it was given. */
	sockets: readonly string[];
	readonly #report: (id: VpsId, event: InstanceEvent) => void;
	readonly #started: PromiseWithResolvers<Started> = Promise.withResolvers();

	constructor(tenant: Tenant, number: number, place: Place, report: (id: VpsId, event: InstanceEvent) => void) {
		this.place = place;
		this.tenant = tenant;
		this.number = number;
		this.#report = report;
		this.sockets = publicSockets(tenant).map(({ name }) => name);
	}

	get started(): Promise<Started> {
		return this.#started.promise;
	}

	/** Its first process has exec'ed. */
	exec(): void {
		this.starting = false;
		this.#started.resolve({ pid: 10_000 + this.number, sockets: this.sockets });
	}

	/** It could not be made, and nothing was left behind. */
	fail(): void {
		this.starting = false;
		this.alive = false;
		this.#started.reject(new LauncherError('program-not-found', 'no such program'));
	}

	/** At its place in the hall, unless told otherwise. */
	listen(socket: string = hallName(this.tenant, this.place) ?? `hall/${this.tenant.id}`): void {
		this.listening = true;
		this.#report(this.tenant.id, { type: 'listening', instance: this.number, socket });
	}

	notify(text: string): void {
		this.#report(this.tenant.id, { type: 'notify', instance: this.number, text });
	}

	/** It closes the socket that it listens on, and lives on. */
	deafen(): void {
		this.#report(this.tenant.id, { type: 'deaf', instance: this.number });
	}

	/** Its first process ends; others may be left. */
	exit(status: string): void {
		this.leading = false;
		this.#report(this.tenant.id, { type: 'exit', instance: this.number, status });
	}

	/** Its last process ends. */
	empty(): void {
		this.alive = false;
		this.#report(this.tenant.id, { type: 'empty', instance: this.number });
	}

	/** It ends as a single process does. */
	end(status: string): void {
		this.exit(status);
		this.empty();
	}
}

/** A driver without processes: instances start when the test says so, and end when it says so. */
export class FakeDriver implements Driver {
	readonly instances: FakeInstance[] = [];
	readonly watched: number[] = [];
	/** Whose visitors at public sockets were sent away. */
	readonly turnedAway: number[] = [];
	/** Tenants whose surroundings are to be looked at again. */
	readonly doubted: number[] = [];
	/** What became of the doors, as `open 101`. */
	readonly doors: string[] = [];
	/** What busyOutside answers. */
	busy: () => Promise<boolean> = async () => false;
	/** What keepsData answers. */
	keeping = false;
	/** What idleOutside answers. */
	outside: () => Promise<number | undefined> = async () => undefined;
	/** What deafOutside answers. */
	deaf = false;
	/** Called before an instance is signalled or killed. */
	onEnding: (instance: FakeInstance, how: 'signal' | 'kill') => void = () => {};
	readonly #report: (id: VpsId, event: InstanceEvent) => void;

	constructor(report: (id: VpsId, event: InstanceEvent) => void) {
		this.#report = report;
	}

	/** Instances with processes, of all tenants or of one. */
	living(id?: number): FakeInstance[] {
		return this.instances.filter((instance) => instance.alive && (id === undefined || instance.tenant.id === id));
	}

	/** The last one that was launched. */
	get last(): FakeInstance {
		const last = this.instances.at(-1);
		if (last === undefined) throw new Error('nothing was launched');
		return last;
	}

	/** One that was there before the launcher. */
	plant(tenant: Tenant, number: number, place: Place = 1): FakeInstance {
		const instance = new FakeInstance(tenant, number, place, this.#report);
		this.instances.push(instance);
		return instance;
	}

	start(tenant: Tenant, number: number, place: Place): Promise<Started> {
		return this.plant(tenant, number, place).started;
	}

	keepsData(): boolean {
		return this.keeping;
	}

	lookAgain(tenant: Tenant): void {
		this.doubted.push(tenant.id);
	}

	signal(id: VpsId, number: number, signal: string): void {
		for (const instance of this.#find(id, number)) {
			this.onEnding(instance, 'signal');
			instance.signals.push(signal);
		}
	}

	kill(id: VpsId, number: number): void {
		for (const instance of this.#find(id, number)) {
			this.onEnding(instance, 'kill');
			instance.killed += 1;
		}
	}

	watch(tenant: Tenant): void {
		this.watched.push(tenant.id);
	}

	admit(tenant: Tenant): void {
		this.doors.push(`open ${tenant.id}`);
	}

	shut(tenant: Tenant): void {
		this.doors.push(`shut ${tenant.id}`);
	}

	run(): Promise<string> {
		return Promise.reject(new Error('nothing is run here'));
	}

	busyOutside(): Promise<boolean> {
		return this.busy();
	}

	turnAway(tenant: Tenant): void {
		this.turnedAway.push(tenant.id);
	}

	idleOutside(): Promise<number | undefined> {
		return this.outside();
	}

	async deafOutside(): Promise<boolean> {
		return this.deaf;
	}

	#find(id: VpsId, number: number): FakeInstance[] {
		return this.living(id).filter((instance) => instance.number === number);
	}
}
