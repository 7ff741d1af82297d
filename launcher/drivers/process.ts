import { chownSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { VpsId } from '../../tenants/ids.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { hasConnections } from '../connections.ts';
import type { Driver } from '../driver.ts';
import { LauncherError } from '../errors.ts';
import { dataFolder, type House } from '../house.ts';
import type { Keeper } from '../keeper/keeper.ts';
import { type HeldSocket, hallSocket, launchFields, publicSockets, tenantPath, tenantUser } from './launch.ts';
import { findProgram } from './program.ts';
import { type Veil, veilFor } from './veil.ts';

/** Isolation `process`: the tag, a user and limits of its own; made by the keeper on the host's own root. */
export class ProcessDriver implements Driver {
	readonly #keeper: Keeper;
	readonly #house: House;
	/** What each tenant needs veiled, as long as its file stays as it is: looking that up costs more than the start itself. */
	readonly #veils = new WeakMap<Tenant, Veil>();
	/** Names of the hall sockets that are open, with their port. */
	readonly #hall = new Map<string, number>();

	constructor(keeper: Keeper, house: House) {
		this.#keeper = keeper;
		this.#house = house;
	}

	/** A hall socket that the keeper holds already, after a restart of the launcher. */
	adoptHall(name: string, port: number): void {
		this.#hall.set(name, port);
	}

	/** The tenant is gone: its hall socket is not needed any more. */
	forget(id: number): void {
		const name = `hall/${id}`;
		if (this.#hall.delete(name)) this.#keeper.send('close', { name });
	}

	async start(tenant: Tenant, instance: number): Promise<{ pid: number }> {
		const program = findProgram(tenant.command[0], tenant.cwd, tenantPath(this.#house));
		if (program === undefined) {
			throw new LauncherError(
				'program-not-found',
				`${tenant.name}: no program ${tenant.command[0]} in ${tenantPath(this.#house)}`,
			);
		}
		const user = tenantUser(tenant, this.#house, lookUpUser);
		const data = this.#makeData(tenant, user);
		const sockets = this.#openHall(tenant);
		for (const socket of publicSockets(tenant)) if (socket.to === 'tenant') sockets.push(socket.name);
		const veil = this.#veil(tenant, user, program, data);
		const request = this.#keeper.request('start', {
			...launchFields(tenant, this.#house, instance, sockets),
			arg: [program, ...tenant.command.slice(1)],
			...(this.#house.root ? { uid: user.uid, gid: user.gid } : {}),
			...veil,
		});
		// The next start looks again: a folder may have been moved or closed meanwhile.
		request.catch(() => this.#veils.delete(tenant));
		const answer = await request;
		return { pid: answer.number('pid') };
	}

	signal(id: VpsId, instance: number, signal: string): void {
		const number = constants.signals[signal as NodeJS.Signals];
		this.#keeper.send('signal', { id, instance, signal: number });
	}

	kill(id: VpsId, instance: number): void {
		this.#keeper.send('kill', { id, instance });
	}

	watch(tenant: Tenant): void {
		for (const socket of publicSockets(tenant)) {
			if (socket.to === 'tenant') this.#keeper.send('watch', { name: socket.name });
		}
	}

	async idleOutside(tenant: Tenant): Promise<number | undefined> {
		const sockets = publicSockets(tenant).filter((socket) => socket.to === 'tenant');
		if (sockets.length === 0) return undefined;
		const idles = await Promise.all(sockets.map((socket) => this.#idleAt(socket)));
		return Math.min(...idles);
	}

	async #idleAt(socket: HeldSocket): Promise<number> {
		if (await hasConnections(this.#house.keeperPid, socket.address, socket.port)) return 0;
		const idle = (await this.#keeper.request('used', { name: socket.name })).number('idle');
		return idle < 0 ? Number.POSITIVE_INFINITY : idle;
	}

	/** Asks for the hall socket in the same breath as the start: the keeper works in order, so nothing is waited for. */
	#openHall(tenant: Tenant): string[] {
		const socket = hallSocket(tenant);
		if (socket === undefined) return [];
		const open = this.#hall.get(socket.name);
		if (open !== socket.port) {
			if (open !== undefined) this.#keeper.send('close', { name: socket.name });
			this.#keeper.send('open', {
				name: socket.name,
				id: tenant.id,
				at: socket.at,
				address: socket.address,
				port: socket.port,
				to: socket.to,
			});
			this.#hall.set(socket.name, socket.port);
		}
		return [socket.name];
	}

	#makeData(tenant: Tenant, user: { uid: number; gid: number }): string {
		const folder = dataFolder(this.#house, tenant.id);
		const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
		if (made !== undefined && this.#house.root) chownSync(folder, user.uid, user.gid);
		return folder;
	}

	#veil(tenant: Tenant, user: { uid: number; gid: number }, program: string, data: string): Veil {
		const known = this.#veils.get(tenant);
		if (known !== undefined) return known;
		const needed = [tenant.folder, tenant.cwd, dirname(program), this.#house.nodeFolder, data];
		const free = !this.#house.root || user.uid === 0;
		const veil = free
			? { veil: [], reveal: [] }
			: veilFor(
					user.uid,
					user.gid,
					needed.map((path) => realpathSync(path)),
				);
		this.#veils.set(tenant, veil);
		return veil;
	}
}

/** A user's ids by passwd(5). Throws LauncherError `no-such-user`. */
function lookUpUser(name: string): { uid: number; gid: number } {
	const row = readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.find((line) => line.startsWith(`${name}:`));
	const [, , uid, gid] = row?.split(':') ?? [];
	if (uid === undefined || gid === undefined)
		throw new LauncherError('no-such-user', `no user ${name} on this machine (user: takes a name or a number)`);
	return { uid: Number(uid), gid: Number(gid) };
}
