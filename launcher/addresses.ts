import { formatSocketAddress } from '../config/addresses.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { FIRST_DELAY, LONGEST_DELAY } from './backoff.ts';
import type { Clock } from './clock.ts';
import { type HeldSocket, publicSockets } from './drivers/launch.ts';
import { KeeperFailure } from './keeper/frames.ts';
import type { Keeper } from './keeper/keeper.ts';

/** An address of a tenant's at which nobody can be heard at present. Times as the clock's now. */
export interface Deaf {
	/** With its port. */
	readonly address: string;
	/** Why, for people. */
	readonly why: string;
	readonly since: number;
	readonly retryAt: number;
}

interface Attempts extends Deaf {
	readonly count: number;
	readonly again: () => Promise<void>;
	readonly cancel: () => void;
}

/**
 * Keeps the keeper's public sockets in step with the tenants: `addresses` are open from the moment a tenant is known, or as soon
 * as the machine allows it. `opened` hears of a tenant whose address could be opened only later.
 */
export class Addresses {
	readonly #keeper: Keeper;
	readonly #clock: Clock;
	readonly #report: (line: string) => void;
	readonly #opened: (id: number) => void;
	/** What the keeper holds, by socket name. */
	readonly #open = new Map<string, HeldSocket & { readonly id: number }>();
	/** Whose each socket is to be, by name; a request under way may find that it is wanted no more. */
	readonly #wanted = new Map<string, number>();
	/** What could not be opened, by socket name. */
	readonly #deaf = new Map<string, Attempts>();

	constructor(keeper: Keeper, clock: Clock, report: (line: string) => void, opened: (id: number) => void) {
		this.#keeper = keeper;
		this.#clock = clock;
		this.#report = report;
		this.#opened = opened;
	}

	/** A socket that the keeper holds already, after a restart of the launcher. */
	adopt(id: number, socket: HeldSocket): void {
		this.#open.set(socket.name, { ...socket, id });
		this.#wanted.set(socket.name, id);
	}

	/** Closes what no tenant has any more, after a restart of the launcher. */
	async closeStrays(tenants: Iterable<Tenant>): Promise<void> {
		const wanted = new Set([...tenants].flatMap((tenant) => publicSockets(tenant).map((socket) => socket.name)));
		for (const name of [...this.#open.keys()]) if (!wanted.has(name)) await this.#close(name);
	}

	/** True while the keeper holds the socket of that name. */
	isOpen(name: string): boolean {
		return this.#open.has(name);
	}

	/** Where the tenant cannot be reached at present. */
	deafOf(tenant: Tenant): Deaf[] {
		if (this.#deaf.size === 0) return [];
		return publicSockets(tenant).flatMap(({ name }) => this.#deaf.get(name) ?? []);
	}

	/** Opens what the tenant has and closes what it had; `tenant` undefined: it is gone. Never rejects: what fails is tried again. */
	async follow(id: number, tenant: Tenant | undefined): Promise<void> {
		const wanted = tenant === undefined ? [] : publicSockets(tenant);
		const gone = [...this.#wanted].filter(([name, owner]) => owner === id && !wanted.some((one) => one.name === name));
		for (const { name } of wanted) this.#wanted.set(name, id);
		await Promise.all(gone.map(([name]) => this.#close(name)));
		for (const socket of wanted) {
			if (this.#open.get(socket.name)?.id !== id) await this.#listen(id, tenant?.name ?? '', socket);
		}
	}

	/** Tries at once what could not be opened so far: somebody may just have made room. */
	async retry(): Promise<void> {
		await Promise.all([...this.#deaf.values()].map(({ again }) => again()));
	}

	async #listen(id: number, tenant: string, socket: HeldSocket): Promise<void> {
		const { name, at, address, port, to } = socket;
		await this.#keeper.request('open', { name, id, at, address, port, to }).then(
			() => this.#listens(id, tenant, socket),
			(error: Error) => this.#fails(id, tenant, socket, error),
		);
	}

	#listens(id: number, tenant: string, socket: HeldSocket): void {
		if (this.#wanted.get(socket.name) !== id) {
			this.#keeper.send('close', { name: socket.name });
			return;
		}
		this.#open.set(socket.name, { ...socket, id });
		if (!this.#forgive(socket.name)) return;
		this.#report(`${tenant}: listens on ${formatSocketAddress(socket)} now`);
		this.#opened(id);
	}

	/** Tried again for ever, ever more seldom: an address may come with its interface, a port with the end of who has it. */
	#fails(id: number, tenant: string, socket: HeldSocket, error: Error): void {
		if (this.#wanted.get(socket.name) !== id) return;
		const before = this.#deaf.get(socket.name);
		before?.cancel();
		const count = (before?.count ?? 0) + 1;
		const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (count - 1));
		const [why, address] = [reason(error), formatSocketAddress(socket)];
		const now = this.#clock.now();
		const since = before?.since ?? now;
		const again = (): Promise<void> => this.#listen(id, tenant, socket);
		const cancel = this.#clock.after(delay, () => void again());
		this.#deaf.set(socket.name, { address, why, since, retryAt: now + delay, count, again, cancel });
		if (before?.why !== why)
			this.#report(`${tenant}: cannot listen on ${address}: ${why}; it is tried again and again`);
	}

	/** False where nothing had failed. */
	#forgive(name: string): boolean {
		this.#deaf.get(name)?.cancel();
		return this.#deaf.delete(name);
	}

	async #close(name: string): Promise<void> {
		this.#wanted.delete(name);
		this.#forgive(name);
		if (!this.#open.delete(name)) return;
		await this.#keeper
			.request('close', { name })
			.catch((error: Error) => this.#report(`closing ${name}: ${error.message}`));
	}
}

const reasons: Readonly<Record<string, string>> = {
	EADDRINUSE: 'somebody else listens there',
	EADDRNOTAVAIL: 'this machine has no such address',
	EACCES: 'ports below 1024 need root',
};

function reason(error: Error): string {
	if (!(error instanceof KeeperFailure)) return error.message;
	const known = reasons[error.error];
	return known === undefined ? error.message : `${known} (${error.error})`;
}
