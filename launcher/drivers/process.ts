import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { faultLine } from '../../config/fault.ts';
import { Trust } from '../../config/trust.ts';
import type { User } from '../../tenants/access.ts';
import { readEnvFile } from '../../tenants/envfile.ts';
import type { VpsId } from '../../tenants/ids.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { tenantUser } from '../../tenants/user.ts';
import type { Driver, Started } from '../driver.ts';
import { LauncherError } from '../errors.ts';
import { dataFolder, type House, noticesFolder } from '../house.ts';
import { type Fields, KeeperFailure } from '../keeper/frames.ts';
import type { Keeper } from '../keeper/keeper.ts';
import { waitsOutside } from '../readiness.ts';
import type { Belongings } from './belongings.ts';
import { namedCause, programMissing } from './cause.ts';
import { hasEntries, makeDataFolder } from './data.ts';
import { Errands } from './errands.ts';
import { HallSockets } from './hall.ts';
import { launchFields, type Place, tenantEnvironment, tenantPath } from './launch.ts';
import { Outside } from './outside.ts';
import { findProgram } from './program.ts';
import { type Veil, veilFor } from './veil.ts';

/** Isolation `process`: the tag, a user and limits of its own; made by the keeper on the host's own root. */
export class ProcessDriver implements Driver {
	readonly #keeper: Keeper;
	readonly #house: House;
	readonly #hall: HallSockets;
	readonly #outside: Outside;
	readonly #errands: Errands;
	readonly #belongings: Belongings;
	readonly #memoOf: (id: number) => string | undefined;
	/** What each tenant needs veiled, as long as its file stays as it is: looking that up costs more than the start itself. */
	readonly #veils = new WeakMap<Tenant, Veil>();

	/**
	 * `isOpen`: whether the keeper holds a public socket of that name (Addresses). `memoOf`: what is to be remembered with a tenant's
	 * instance (memo.ts).
	 */
	constructor(
		keeper: Keeper,
		house: House,
		isOpen: (name: string) => boolean,
		belongings: Belongings,
		memoOf: (id: number) => string | undefined = () => undefined,
	) {
		this.#keeper = keeper;
		this.#house = house;
		this.#belongings = belongings;
		this.#memoOf = memoOf;
		this.#hall = new HallSockets(keeper, house);
		this.#errands = new Errands(keeper);
		this.#outside = new Outside(keeper, house.keeperPid, isOpen);
	}

	/** A hall socket that the keeper holds already, after a restart of the launcher. */
	adoptHall(name: string, port: number): void {
		this.#hall.adopt(name, port);
	}

	/** The tenant is gone: its hall socket is not needed any more. */
	forget(id: number): void {
		this.#hall.forget(id);
	}

	async start(tenant: Tenant, instance: number, at: Place = 1, beside = false): Promise<Started> {
		const program = this.#program(tenant, tenant.command[0]);
		const user = this.#user(tenant);
		return this.#launch(tenant, instance, program, user, at, beside).catch((error: Error) => {
			throw namedCause(error, tenant, program, user.uid);
		});
	}

	async #launch(
		tenant: Tenant,
		instance: number,
		program: string,
		user: User,
		at: Place,
		beside: boolean,
	): Promise<Started> {
		const secrets = this.#secrets(tenant);
		const data = dataFolder(this.#house, tenant.id);
		// Who still waits at the hall's socket came for the former tenant.
		if (this.#belongings.claim(tenant)) this.#hall.forget(tenant.id);
		makeDataFolder(data, this.#house.root ? user : undefined);
		const needed = [
			tenant.folder,
			tenant.cwd,
			dirname(program),
			this.#house.nodeFolder,
			data,
			noticesFolder(this.#house),
		];
		const known = this.#veils.get(tenant);
		const veil = known ?? this.#look(tenant, user, needed);
		const place = this.#hall.open(tenant, at);
		const outside = this.#outside.sockets(tenant).map(({ name }) => name);
		const sockets = [...place.sockets, ...outside];
		const fields: Fields = {
			...launchFields(tenant, this.#house, instance, sockets, secrets),
			...(beside ? { beside: 1 } : {}),
			arg: [program, ...tenant.command.slice(1)],
			shut: waitsOutside(tenant) ? outside : [],
			...this.#rights(tenant, user),
			memo: this.#memoOf(tenant.id),
		};
		const answer = await this.#keeper.request('start', { ...fields, ...veil }).catch(async (error: Error) => {
			if (error instanceof KeeperFailure && error.what === 'socket') this.#hall.doubt(tenant, at);
			const failure = await place.failure;
			if (failure !== undefined) throw failure;
			// A folder on the way may have been closed, opened or moved since it was looked at.
			const anew = known === undefined ? veil : this.#look(tenant, user, needed);
			if (isSame(anew, veil)) throw error;
			return this.#keeper.request('start', { ...fields, ...anew });
		});
		return { pid: answer.number('pid'), sockets };
	}

	/** As the interface says: what a tenant of root's may write is its data folder alone; of another server's it may be anything. */
	keepsData(tenant: Tenant): boolean {
		return !this.#house.root || hasEntries(dataFolder(this.#house, tenant.id));
	}

	/** An instance failed: what was found out about this machine for it is found out again at the next start. */
	lookAgain(tenant: Tenant): void {
		this.#veils.delete(tenant);
	}

	signal(id: VpsId, instance: number, signal: string): void {
		const number = constants.signals[signal as NodeJS.Signals];
		this.#keeper.send('signal', { id, instance, signal: number });
	}

	kill(id: VpsId, instance: number): void {
		this.#keeper.send('kill', { id, instance });
	}

	watch(tenant: Tenant): void {
		this.#outside.watch(tenant);
	}

	turnAway(tenant: Tenant): void {
		this.#outside.turnAway(tenant);
	}

	admit(tenant: Tenant): void {
		this.#outside.admit(tenant);
	}

	shut(tenant: Tenant): void {
		this.#outside.shut(tenant);
	}

	async run(tenant: Tenant, instance: number, command: readonly [string, ...string[]], limit: number): Promise<string> {
		const program = this.#program(tenant, command[0]);
		const user = this.#user(tenant);
		const data = dataFolder(this.#house, tenant.id);
		const needed = [tenant.folder, tenant.cwd, dirname(program), this.#house.nodeFolder, data];
		return this.#errands.run(instance, {
			id: tenant.id,
			cwd: tenant.cwd,
			arg: [program, ...command.slice(1)],
			env: tenantEnvironment(tenant, this.#house, this.#secrets(tenant)),
			limit,
			...this.#rights(tenant, user),
			...this.#veilOver(user, needed),
		});
	}

	/** The keeper says that an errand is over, or that its instance is. */
	errandEnded(instance: number, status: string): void {
		this.#errands.ended(instance, status);
	}

	busyOutside(tenant: Tenant): Promise<boolean> {
		return this.#outside.busy(tenant);
	}

	idleOutside(tenant: Tenant): Promise<number | undefined> {
		return this.#outside.idle(tenant);
	}

	deafOutside(tenant: Tenant, instance: number): Promise<boolean> {
		return this.#outside.deaf(tenant, instance);
	}

	/** As whom its processes run, and whether exec(2) may gain them anything: root has all there is to gain, and gives to others what they have. */
	#rights(tenant: Tenant, { uid, gid }: User): Fields {
		const humble = tenant.noNewPrivileges ?? uid !== 0;
		return { ...(this.#house.root ? { uid, gid } : {}), ...(humble ? { 'no-new-privs': 1 } : {}) };
	}

	/** The file of a tenant's command. Throws LauncherError `program-not-found`. */
	#program(tenant: Tenant, command: string): string {
		const path = tenantPath(this.#house);
		const program = findProgram(command, tenant.cwd, path);
		if (program !== undefined) return program;
		throw programMissing(command, tenant.cwd, path);
	}

	/** Throws LauncherError `no-such-user`. */
	#user(tenant: Tenant): User {
		const user = tenantUser(tenant, this.#house);
		if (user !== undefined) return user;
		throw new LauncherError('no-such-user', `no user ${tenant.user} on this machine (user: takes a name or a number)`);
	}

	/** What its envFile says now. Throws LauncherError `env-file`. */
	#secrets({ envFile }: Tenant): Tenant['env'] {
		if (envFile === undefined) return {};
		const read = readEnvFile(envFile, new Trust(this.#house.uid));
		if ('env' in read) return read.env;
		throw new LauncherError('env-file', `its envFile is refused: ${faultLine(read.fault)}`);
	}

	#look(tenant: Tenant, user: User, needed: readonly string[]): Veil {
		const veil = this.#veilOver(user, needed);
		this.#veils.set(tenant, veil);
		return veil;
	}

	#veilOver(user: User, needed: readonly string[]): Veil {
		if (!this.#house.root || user.uid === 0) return { veil: [], reveal: [] };
		const reached = needed.map((path) => realpathSync(path));
		return veilFor(user.uid, user.gid, reached);
	}
}

function isSame(one: Veil, other: Veil): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
