import { formatSocketAddress } from '../config/addresses.ts';
import type { SocketAddress } from '../config/config.ts';
import type { Path } from '../config/document.ts';
import type { FaultCode } from '../config/fault.ts';
import type { Tenant } from './tenant.ts';

/** A tenant file's part in it. */
export interface Claimant {
	readonly file: string;
	/** The tenant that counts now. */
	inForce: Tenant | undefined;
	/** What the file says now, where that does not count yet: it was just read, or others have what it claims. */
	candidate: Tenant | undefined;
}

/** Why a candidate does not come into force: one for each id, name, host or address that another has. */
export interface Conflict {
	readonly path: Path;
	readonly code: FaultCode;
	readonly message: string;
}

/** What a round of settling came to. */
export interface Settled<Folder> {
	/** Whose candidate is in force now, and what was before it. */
	readonly adopted: readonly { readonly claimant: Folder; readonly before: Tenant | undefined }[];
	/** Who must wait, and why. */
	readonly conflicts: ReadonlyMap<Folder, readonly Conflict[]>;
}

/** What no two tenants may share. */
interface Claim {
	/** The same text: the same claim. */
	readonly what: string;
	readonly path: Path;
	readonly code: FaultCode;
}

/**
 * Decides which candidates come into force, so that no two tenants share an id, a name, a host or an address. Who is in force
 * stays; of several newcomers the first by path wins; who loses comes into force by itself once nobody has what it claims.
 */
export class Claims<Folder extends Claimant> {
	/** Who has what. */
	readonly #holders = new Map<string, Folder>();
	/** Candidates that others keep out of force. */
	readonly #losers = new Set<Folder>();
	/** What no tenant can have. */
	#reserved: ReadonlySet<string> = new Set();

	/** Keeps addresses for the server itself: from now on no candidate that claims one comes into force. */
	reserve(addresses: readonly SocketAddress[]): void {
		this.#reserved = new Set(addresses.map(addressClaim));
	}

	/** Takes away all that a claimant has; others may get it when they settle. */
	withdraw(claimant: Folder): void {
		this.#release(claimant, claimsOf(claimant.inForce));
		this.#losers.delete(claimant);
		claimant.inForce = undefined;
		claimant.candidate = undefined;
	}

	/**
	 * Brings into force all candidates that can be: those of `changed` and the losers of earlier rounds. They may trade what they
	 * have among themselves.
	 */
	settle(changed: Iterable<Folder>): Settled<Folder> {
		const conflicts = new Map<Folder, Conflict[]>();
		let movers = [...new Set([...this.#losers, ...changed])].filter(({ candidate }) => candidate !== undefined);
		movers.sort((one, other) => (one.file < other.file ? -1 : 1));
		this.#losers.clear();
		for (;;) {
			for (const mover of movers) this.#release(mover, claimsGivenUp(mover));
			for (const mover of movers) {
				const found = this.#conflictsOf(mover);
				if (found.length > 0) conflicts.set(mover, found);
				else this.#take(mover, mover.candidate);
			}
			const stayers = movers.filter((mover) => conflicts.has(mover) && mover.inForce !== undefined);
			if (stayers.length === 0) break;
			// Who stays keeps what it has, and another may just have taken that: the rest once more, without it.
			for (const mover of movers) this.#release(mover, claimsOf(mover.candidate));
			for (const mover of movers) this.#take(mover, mover.inForce);
			movers = movers.filter((mover) => !stayers.includes(mover));
			for (const mover of movers) conflicts.delete(mover);
		}
		for (const loser of conflicts.keys()) this.#losers.add(loser);
		return { adopted: movers.filter((mover) => !conflicts.has(mover)).map(adopt), conflicts };
	}

	#conflictsOf(mover: Folder): Conflict[] {
		return claimsOf(mover.candidate).flatMap((claim) => {
			if (this.#reserved.has(claim.what)) return [conflict(claim, 'listen.http of the config')];
			const holder = this.#holders.get(claim.what);
			return holder === undefined || holder === mover ? [] : [conflict(claim, holder.file)];
		});
	}

	#take(claimant: Folder, tenant: Tenant | undefined): void {
		for (const { what } of claimsOf(tenant)) this.#holders.set(what, claimant);
	}

	#release(claimant: Folder, claims: readonly Claim[]): void {
		for (const { what } of claims) if (this.#holders.get(what) === claimant) this.#holders.delete(what);
	}
}

function adopt<Folder extends Claimant>(claimant: Folder): Settled<Folder>['adopted'][number] {
	const before = claimant.inForce;
	claimant.inForce = claimant.candidate;
	claimant.candidate = undefined;
	return { claimant, before };
}

/** What a mover has and its candidate does not want: what it keeps, no other may take in the meantime. */
function claimsGivenUp({ inForce, candidate }: Claimant): Claim[] {
	const kept = new Set(claimsOf(candidate).map(({ what }) => what));
	return claimsOf(inForce).filter(({ what }) => !kept.has(what));
}

function claimsOf(tenant: Tenant | undefined): Claim[] {
	if (tenant === undefined) return [];
	const { id, name, hosts, addresses } = tenant;
	return [
		{ what: `id ${id}`, path: ['id'], code: 'duplicate-id' },
		{ what: `name ${name}`, path: ['name'], code: 'duplicate-name' },
		...hosts.map((host, index) => ({ what: `host ${host}`, path: ['hosts', index], code: 'duplicate-route' as const })),
		...addresses.map((address, index) => ({
			what: addressClaim(address),
			path: ['addresses', index],
			code: 'duplicate-route' as const,
		})),
	];
}

function addressClaim(address: SocketAddress): string {
	return `address ${formatSocketAddress(address)}`;
}

function conflict({ what, path, code }: Claim, holder: string): Conflict {
	return { path, code, message: `the ${what} is taken by ${holder}` };
}
