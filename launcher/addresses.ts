import type { Tenant } from '../tenants/tenant.ts';
import { type HeldSocket, publicSockets } from './drivers/launch.ts';
import type { Keeper } from './keeper/keeper.ts';

/** Keeps the keeper's public sockets in step with the tenants: `addresses` are open from the moment a tenant is known. */
export class Addresses {
	readonly #keeper: Keeper;
	readonly #report: (line: string) => void;
	/** What the keeper holds, by socket name. */
	readonly #open = new Map<string, HeldSocket & { readonly id: number }>();

	constructor(keeper: Keeper, report: (line: string) => void) {
		this.#keeper = keeper;
		this.#report = report;
	}

	/** A socket that the keeper holds already, after a restart of the launcher. */
	adopt(id: number, socket: HeldSocket): void {
		this.#open.set(socket.name, { ...socket, id });
	}

	/** Closes what no tenant has any more, after a restart of the launcher. */
	async closeStrays(tenants: Iterable<Tenant>): Promise<void> {
		const wanted = new Set([...tenants].flatMap((tenant) => publicSockets(tenant).map((socket) => socket.name)));
		for (const name of [...this.#open.keys()]) if (!wanted.has(name)) await this.#close(name);
	}

	/** Opens what the tenant has and closes what it had; `tenant` undefined: it is gone. Never rejects: what fails is reported. */
	async follow(id: number, tenant: Tenant | undefined): Promise<void> {
		const wanted = tenant === undefined ? [] : publicSockets(tenant);
		for (const [name, socket] of [...this.#open]) {
			if (socket.id === id && !wanted.some((other) => other.name === name)) await this.#close(name);
		}
		for (const socket of wanted) {
			if (this.#open.get(socket.name)?.id === id) continue;
			const { name, at, address, port, to } = socket;
			await this.#keeper.request('open', { name, id, at, address, port, to }).then(
				() => this.#open.set(name, { ...socket, id }),
				(error: Error) => this.#report(`${tenant?.name}: cannot listen on ${address}:${port}: ${error.message}`),
			);
		}
	}

	async #close(name: string): Promise<void> {
		this.#open.delete(name);
		await this.#keeper
			.request('close', { name })
			.catch((error: Error) => this.#report(`closing ${name}: ${error.message}`));
	}
}
