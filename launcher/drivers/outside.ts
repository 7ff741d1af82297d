import type { Tenant } from '../../tenants/tenant.ts';
import { readTraffic } from '../connections.ts';
import type { Keeper } from '../keeper/keeper.ts';
import { type HeldSocket, publicSockets } from './launch.ts';

/** The sockets by which visitors reach tenants without passing the edge: the keeper holds them, the instance accepts on them. */
export class Outside {
	readonly #keeper: Keeper;
	readonly #keeperPid: number;
	readonly #isOpen: (name: string) => boolean;

	/** `isOpen`: whether the keeper holds a public socket of that name. */
	constructor(keeper: Keeper, keeperPid: number, isOpen: (name: string) => boolean) {
		this.#keeper = keeper;
		this.#keeperPid = keeperPid;
		this.#isOpen = isOpen;
	}

	/** Those of the tenant's that are open. */
	sockets(tenant: Tenant): HeldSocket[] {
		return publicSockets(tenant).filter(({ name, to }) => to === 'tenant' && this.#isOpen(name));
	}

	/** Asks for a `knock` at each. */
	watch(tenant: Tenant): void {
		for (const { name } of this.sockets(tenant)) this.#keeper.send('watch', { name });
	}

	/** Resets who waits, and watches again. */
	turnAway(tenant: Tenant): void {
		for (const { name } of this.sockets(tenant)) this.#keeper.send('dismiss', { name });
		this.watch(tenant);
	}

	/** Opens their doors. */
	admit(tenant: Tenant): void {
		for (const { name } of this.sockets(tenant)) this.#keeper.send('admit', { name });
	}

	/** Shuts their doors; where that cannot be, the instance goes on accepting. */
	shut(tenant: Tenant): void {
		for (const { name } of this.sockets(tenant)) this.#keeper.request('shut', { name }).catch(() => {});
	}

	/** True while somebody has a connection that was accepted. */
	async busy(tenant: Tenant): Promise<boolean> {
		const traffic = await readTraffic(this.#keeperPid);
		return this.sockets(tenant).some((socket) => traffic.at(socket).open > 0);
	}

	/** ms since the last use of any; 0 while a connection lasts or a visitor waits, undefined where there is none. */
	async idle(tenant: Tenant): Promise<number | undefined> {
		const sockets = this.sockets(tenant);
		if (sockets.length === 0) return undefined;
		const traffic = await readTraffic(this.#keeperPid);
		const used = sockets.map((socket) => traffic.at(socket)).some(({ open, waiting }) => open + waiting > 0);
		return used ? 0 : Math.min(...(await Promise.all(sockets.map((socket) => this.#idleAt(socket)))));
	}

	/** True where visitors wait and no process of the instance has a socket of the tenant's any more (native/holds.c). */
	async deaf(tenant: Tenant, instance: number): Promise<boolean> {
		const sockets = this.sockets(tenant);
		const traffic = await readTraffic(this.#keeperPid);
		if (!sockets.some((socket) => traffic.at(socket).waiting > 0)) return false;
		const asked = sockets.map(({ name }) => this.#keeper.request('holds', { id: tenant.id, instance, name }));
		return (await Promise.all(asked)).every((answer) => answer.find('held') === '0');
	}

	async #idleAt({ name }: HeldSocket): Promise<number> {
		const idle = (await this.#keeper.request('used', { name })).number('idle');
		return idle < 0 ? Number.POSITIVE_INFINITY : idle;
	}
}
