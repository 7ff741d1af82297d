import type { Tenant } from '../../tenants/tenant.ts';
import { LauncherError } from '../errors.ts';
import type { House } from '../house.ts';
import type { Keeper } from '../keeper/keeper.ts';
import { hallName, hallSocket, type Place } from './launch.ts';

/** A tenant's part in the hall, asked for but perhaps not there yet. */
export interface HallPlace {
	/** Names of the sockets that a start is to get; none where the tenant has no place in the hall. */
	readonly sockets: readonly string[];
	/** Why the keeper could not open it; undefined where it could. */
	readonly failure: Promise<LauncherError | undefined>;
}

const NO_PLACE: HallPlace = { sockets: [], failure: Promise.resolve(undefined) };

/**
 * The sockets in the hall by which the edge reaches tenants: opened at a tenant's first wake and kept. What the keeper could not
 * open is not open: the next start asks again.
 */
export class HallSockets {
	readonly #keeper: Keeper;
	readonly #house: House;
	/** The ports of those that are open or asked for; 'unsure': what the keeper has by that name is not known. */
	readonly #ports = new Map<string, number | 'unsure'>();

	constructor(keeper: Keeper, house: House) {
		this.#keeper = keeper;
		this.#house = house;
	}

	/** The keeper holds it already, after a restart of the launcher. */
	adopt(name: string, port: number): void {
		this.#ports.set(name, port);
	}

	/** Asks for the tenant's socket in the same breath as for its start: the keeper works in order, so nothing is waited for. */
	open(tenant: Tenant, at: Place): HallPlace {
		const socket = hallSocket(tenant, this.#house, at);
		if (socket === undefined) return NO_PLACE;
		const { name, address, port, to } = socket;
		const open = this.#ports.get(name);
		if (open === port) return { sockets: [name], failure: Promise.resolve(undefined) };
		if (open !== undefined) this.#close(name);
		this.#ports.set(name, port);
		const failure = this.#keeper
			.request('open', { name, id: tenant.id, at: socket.at, address, port, for: tenant.port, to })
			.then(
				() => undefined,
				(error: Error) => {
					this.#ports.set(name, 'unsure');
					const message = `${tenant.name}: its socket in the hall cannot be opened: ${error.message}`;
					return new LauncherError('keeper-failed', message, { cause: error });
				},
			);
		return { sockets: [name], failure };
	}

	/** The keeper refused the tenant's socket at a start: the next one opens it anew. */
	doubt(tenant: Tenant, at: Place): void {
		const name = hallName(tenant, at);
		if (name !== undefined) this.#ports.set(name, 'unsure');
	}

	/** The tenant is gone: its socket is not needed any more. */
	forget(id: number): void {
		for (const name of [`hall/${id}`, `hall/${id}/2`]) if (this.#ports.delete(name)) this.#close(name);
	}

	/** What was not there needs no closing. */
	#close(name: string): void {
		this.#keeper.request('close', { name }).catch(() => {});
	}
}
