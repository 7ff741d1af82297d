import { dirname, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Config, SocketAddress } from '../config/config.ts';
import { type Fault, faultLine } from '../config/fault.ts';
import { Trust } from '../config/trust.ts';
import { Claims, type Settled } from './claims.ts';
import { TenantFolder } from './folder.ts';
import type { VpsId } from './ids.ts';
import { Listing, wholeFault } from './listing.ts';
import { readTenant } from './read.ts';
import { Routes } from './routes.ts';
import type { Tenant } from './tenant.ts';
import { FolderWatch } from './watch.ts';

/** What the registry goes by of the config. */
export interface RegistrySettings {
	/** The folders of tenants, absolute: every TENANT/tenant.yaml in them is a tenant, but for names that begin with a dot. */
	readonly folders: readonly string[];
	/** Tenant keys that files may leave out; checked already. */
	readonly defaults: Readonly<Record<string, unknown>>;
	/** Where the server itself listens: no tenant's addresses. */
	readonly reserved: readonly SocketAddress[];
}

/** The part of the config that the registry goes by. */
export function registrySettings({ tenants, defaults, listen }: Config): RegistrySettings {
	return { folders: tenants, defaults, reserved: listen.http };
}

/** What one round of reading came to. */
export interface RegistryChange {
	readonly added: readonly Tenant[];
	/** The tenants as they are now; the id is what stays the same. */
	readonly changed: readonly Tenant[];
	/** These as they were, in the same order. */
	readonly replaced: readonly Tenant[];
	/** The tenants as they were. */
	readonly removed: readonly Tenant[];
	/** Route keys whose answers may be others now (launcher/protocol/edge.ts, forget). */
	readonly keys: readonly string[];
	/** Faults and notices that were not there before. */
	readonly faults: readonly Fault[];
}

/** A tenant that is in force, and in which folder of tenants its file was: `recall` brings it back. JSON carries it. */
export interface Remembered {
	readonly tenant: Tenant;
	readonly listing: string | undefined;
}

/** From the first sign of a change to the reading, in ms: the other steps of an editor or a deployment come along. */
const SETTLING = 30;

/** How many files are read before other work of the process gets its turn. */
const AT_ONCE = 16;

/**
 * The kernel drops what is heard beyond 16,384 events (inotify(7), max_queued_events) and Node does not tell: after half as many
 * in one go everything is looked at.
 */
const MANY_EVENTS = 8192;

/** How often a folder of tenants that vanished is looked for, in ms: not everything that brings it back is told (a mount is not). */
const LOOK_AGAIN = 5000;

interface Member {
	readonly tenant: TenantFolder;
	readonly watch: FolderWatch | undefined;
}

/** What the next round is to look at. */
interface Work {
	/** Folders of tenants, to be listed anew with all that is in them. */
	readonly listings: Set<string>;
	/** An operator wants everything read again. */
	readonly asked: boolean;
	/** Tenants' folders; true where the watch is to be renewed, for it may be another folder by now. */
	readonly members: Map<string, boolean>;
}

/** The tenants that are in force: what the files in the folders of tenants say, as far as it is good. Files are the only truth. */
export class Registry {
	readonly #uid: number;
	readonly #noticed: ((change: RegistryChange) => void) | undefined;
	readonly #claims = new Claims<TenantFolder>();
	readonly #routes = new Routes();
	readonly #tenants = new Map<VpsId, Tenant>();
	readonly #listings = new Map<string, Listing<Member>>();
	#settings: RegistrySettings;
	#work: Work = noWork();
	#events = 0;
	#settling: NodeJS.Timeout | undefined;
	#looking: NodeJS.Timeout | undefined;
	/** Rounds come one after the other. */
	#rounds: Promise<unknown> = Promise.resolve();
	#closed = false;
	#unwatched: Fault | undefined;
	#told: ReadonlySet<string> = new Set();

	/**
	 * `uid`: the server's user, for the trust rule. `noticed` hears the changes that come by themselves once `reload` was called;
	 * without it nothing is watched. Nothing is read before `reload`.
	 */
	constructor(settings: RegistrySettings, uid: number, noticed?: (change: RegistryChange) => void) {
		this.#settings = settings;
		this.#uid = uid;
		this.#noticed = noticed;
	}

	/** All tenants in force. */
	tenants(): IterableIterator<Tenant> {
		return this.#tenants.values();
	}

	tenant(id: number): Tenant | undefined {
		return this.#tenants.get(id as VpsId);
	}

	/** Whose a route key is, `host:NAME` or `address:IP:PORT` (launcher/protocol/edge.ts). */
	find(key: string): Tenant | undefined {
		return this.#routes.find(key);
	}

	/** Every fault and notice that there is now. */
	faults(): Fault[] {
		const listings = [...this.#listings.values()];
		const own = [this.#unwatched, ...listings.map(({ fault }) => fault)].filter((fault) => fault !== undefined);
		return [...own, ...listings.flatMap(({ members }) => [...members.values()].flatMap(({ tenant }) => tenant.faults))];
	}

	/** Reads everything, at first and again; with other settings, goes by these from now on. Others have their turn in between. */
	reload(settings: RegistrySettings = this.#settings): Promise<RegistryChange> {
		return this.#afterOthers(() => {
			this.#unwatched = undefined;
			// A text that did not change says something else with other defaults.
			const anew = JSON.stringify(settings.defaults) !== JSON.stringify(this.#settings.defaults);
			this.#settings = settings;
			this.#claims.reserve(settings.reserved);
			return this.#round(
				{ listings: new Set([...settings.folders, ...this.#listings.keys()]), members: new Map(), asked: true },
				anew,
			);
		});
	}

	/** What is to be known of a tenant in force, for `recall`. */
	remembered(id: number): Remembered | undefined {
		const tenant = this.tenant(id);
		return tenant && { tenant, listing: this.#listings.get(dirname(tenant.folder))?.identity };
	}

	/**
	 * Behind the first `reload`: brings back into force what was so in another registry, where a folder of tenants has vanished as a
	 * whole, or a file is wrong now. What is gone from a folder that is there is not brought back.
	 */
	recall(remembered: readonly Remembered[]): Promise<RegistryChange> {
		return this.#afterOthers(async () => {
			const recalled: TenantFolder[] = [];
			const byFolder = Map.groupBy(remembered, ({ tenant }) => dirname(tenant.folder));
			for (const [folder, those] of byFolder) recalled.push(...this.#recall(folder, those));
			this.#lookAgain();
			return this.#putInForce(this.#claims.settle(recalled), []);
		});
	}

	#recall(folder: string, remembered: readonly Remembered[]): TenantFolder[] {
		const listing = this.#listings.get(folder);
		if (listing === undefined) return [];
		const hasVanished = listing.recall(remembered[0]?.listing, remembered.length) === 'vanished';
		return remembered.flatMap(({ tenant }) => {
			const member = listing.members.get(tenant.folder) ?? (hasVanished ? this.#newMember(tenant.folder) : undefined);
			if (member === undefined || member.tenant.inForce !== undefined) return [];
			listing.members.set(tenant.folder, member);
			member.tenant.recall(tenant);
			return [member.tenant];
		});
	}

	/** As `reload`, the file in one tenant's folder alone. */
	look(folder: string): Promise<RegistryChange> {
		return this.#afterOthers(() =>
			this.#round({ listings: new Set(), members: new Map([[folder, false]]), asked: true }, false),
		);
	}

	/** The tenant that a text would be as its file; undefined where it is wrong. */
	read(file: string, text: string): Tenant | undefined {
		return readTenant(file, text, this.#settings.defaults).tenant;
	}

	/** Ends watches and rounds. */
	close(): void {
		this.#closed = true;
		clearTimeout(this.#settling);
		clearTimeout(this.#looking);
		for (const { watch, members } of this.#listings.values()) {
			watch?.close();
			for (const member of members.values()) member.watch?.close();
		}
	}

	#afterOthers<T>(round: () => Promise<T>): Promise<T> {
		const result = this.#rounds.then(round);
		this.#rounds = result.catch(() => undefined);
		return result;
	}

	/** Something changed: a round follows soon. */
	#settle(): void {
		if (this.#settling !== undefined || this.#closed) return;
		this.#settling = setTimeout(() => {
			this.#settling = undefined;
			const work = this.#work;
			this.#work = noWork();
			if (this.#events > MANY_EVENTS) for (const folder of this.#listings.keys()) work.listings.add(folder);
			this.#events = 0;
			void this.#afterOthers(async () => {
				const change = await this.#round(work, false);
				if (!this.#closed && !isNothing(change)) this.#noticed?.(change);
			});
		}, SETTLING);
	}

	/** Reads what is to be looked at, decides what is in force, and says what is other than before. */
	async #round(work: Work, anew: boolean): Promise<RegistryChange> {
		const trust = new Trust(this.#uid);
		const gone: Tenant[] = [];
		// What is missing from a folder that is another by now, or none, is not gone: the folder is to be looked at as a whole.
		for (const folder of new Set([...work.members.keys()].map((path) => dirname(path)))) {
			if (this.#listings.get(folder)?.isSame === false) work.listings.add(folder);
		}
		for (const folder of this.#closed ? [] : work.listings) {
			for (const path of this.#list(folder, work.asked, gone)) work.members.set(path, true);
		}
		const read: TenantFolder[] = [];
		let count = 0;
		for (const [path, renew] of [...work.members].sort(byPath)) {
			if (++count % AT_ONCE === 0) await breathe();
			if (this.#closed) break;
			if (this.#listings.get(dirname(path))?.vanished) continue;
			const tenant = this.#open(path, trust, renew, gone);
			const result = tenant?.read(trust, this.#settings.defaults, anew);
			if (tenant !== undefined && result === 'absent' && this.#isGone(path)) this.#withdraw(tenant, gone);
			if (tenant !== undefined && result === 'new') read.push(tenant);
		}
		this.#lookAgain();
		return this.#putInForce(this.#claims.settle(read), gone);
	}

	/** The paths of what is, or was, in a folder of tenants; none where it says nothing about them. */
	#list(folder: string, asked: boolean, gone: Tenant[]): string[] {
		const listing = this.#listings.get(folder) ?? this.#newListing(folder);
		if (!this.#settings.folders.includes(folder)) {
			for (const path of listing.members.keys()) this.#drop(listing, path, gone);
			listing.watch?.close();
			this.#listings.delete(folder);
			return [];
		}
		listing.watch?.renew();
		const known = [...listing.members.keys()];
		const inForce = [...listing.members.values()].filter(({ tenant }) => tenant.inForce !== undefined).length;
		const listed = listing.look(inForce, asked);
		if (listed === 'vanished') return [];
		return listed === 'unreadable' ? known : [...listed.paths, ...known];
	}

	/** While a folder is away it is looked for. */
	#lookAgain(): void {
		const away = [...this.#listings.values()].filter(({ vanished }) => vanished);
		if (away.length === 0 || this.#noticed === undefined || this.#looking !== undefined || this.#closed) return;
		this.#looking = setTimeout(() => {
			this.#looking = undefined;
			for (const { folder } of away) this.#work.listings.add(folder);
			this.#settle();
		}, LOOK_AGAIN);
		this.#looking.unref();
	}

	/** False where what is absent is absent because the folder of tenants is not there (any more): then a look at that follows. */
	#isGone(path: string): boolean {
		const folder = dirname(path);
		if (this.#listings.get(folder)?.isSame !== false) return true;
		this.#work.listings.add(folder);
		if (this.#noticed !== undefined) this.#settle();
		return false;
	}

	#newListing(folder: string): Listing<Member> {
		const watch = this.#watch(folder, (name) => {
			if (name === undefined) this.#work.listings.add(folder);
			else if (!name.startsWith('.')) this.#work.members.set(join(folder, name), true);
			else return;
			this.#settle();
		});
		const listing = new Listing<Member>(folder, watch);
		this.#listings.set(folder, listing);
		return listing;
	}

	/** The tenant's folder at the path, watched; undefined where there is no folder. */
	#open(path: string, trust: Trust, renew: boolean, gone: Tenant[]): TenantFolder | undefined {
		const listing = this.#listings.get(dirname(path));
		if (listing === undefined) return undefined;
		const verdict = trust.judge(path);
		if ('code' in verdict ? verdict.absent : !verdict.stats.isDirectory()) {
			if (this.#isGone(path)) this.#drop(listing, path, gone);
			return undefined;
		}
		const member = listing.members.get(path) ?? this.#newMember(path);
		if (renew || !listing.members.has(path)) member.watch?.renew();
		listing.members.set(path, member);
		return member.tenant;
	}

	#newMember(path: string): Member {
		const tenant = new TenantFolder(path);
		const watch = this.#watch(path, (name) => {
			if (name !== undefined && !tenant.concerns(name)) return;
			this.#work.members.set(path, name === undefined || this.#work.members.get(path) === true);
			this.#settle();
		});
		return { tenant, watch };
	}

	#watch(folder: string, heard: (name: string | undefined) => void): FolderWatch | undefined {
		if (this.#noticed === undefined) return undefined;
		const counted = (name: string | undefined): void => {
			this.#events++;
			heard(name);
		};
		return new FolderWatch(folder, counted, ({ message }) => {
			const advice = `raise fs.inotify.max_user_watches if there are too many, or reload after changes (${message})`;
			this.#unwatched ??= { ...wholeFault(folder, 'unwatched', `it cannot be watched: ${advice}`), severity: 'notice' };
		});
	}

	#drop(listing: Listing<Member>, path: string, gone: Tenant[]): void {
		const member = listing.members.get(path);
		if (member === undefined) return;
		member.watch?.close();
		listing.members.delete(path);
		this.#withdraw(member.tenant, gone);
	}

	#withdraw(tenant: TenantFolder, gone: Tenant[]): void {
		if (tenant.inForce !== undefined) gone.push(tenant.inForce);
		this.#claims.withdraw(tenant);
		tenant.forget();
	}

	#putInForce({ adopted, conflicts }: Settled<TenantFolder>, gone: readonly Tenant[]): RegistryChange {
		for (const [tenant, reasons] of conflicts) tenant.refused(reasons);
		for (const { claimant } of adopted) claimant.settled();
		const before = byId([...gone, ...adopted.map((each) => each.before)]);
		const after = byId(adopted.map(({ claimant }) => claimant.inForce));
		const removed = [...before.values()].filter(({ id }) => !after.has(id));
		const added = [...after.values()].filter(({ id }) => !before.has(id));
		const changed = [...after.values()].filter((tenant) => {
			const old = before.get(tenant.id);
			return old !== undefined && JSON.stringify(old) !== JSON.stringify(tenant);
		});
		const replaced = changed.flatMap(({ id }) => before.get(id) ?? []);
		const keys = new Set<string>();
		for (const tenant of [...removed, ...replaced]) {
			for (const key of this.#routes.remove(tenant)) keys.add(key);
			this.#tenants.delete(tenant.id);
		}
		for (const tenant of [...changed, ...added]) {
			for (const key of this.#routes.add(tenant)) keys.add(key);
			this.#tenants.set(tenant.id, tenant);
		}
		return { added, changed, replaced, removed, keys: [...keys], faults: this.#newFaults() };
	}

	#newFaults(): Fault[] {
		const faults = this.faults();
		const told = this.#told;
		this.#told = new Set(faults.map(faultLine));
		return faults.filter((fault) => !told.has(faultLine(fault)));
	}
}

function noWork(): Work {
	return { listings: new Set(), members: new Map(), asked: false };
}

function byPath([one]: [string, boolean], [other]: [string, boolean]): number {
	return one < other ? -1 : 1;
}

function byId(tenants: readonly (Tenant | undefined)[]): Map<VpsId, Tenant> {
	return new Map(tenants.flatMap((tenant) => (tenant === undefined ? [] : [[tenant.id, tenant]])));
}

function isNothing({ added, changed, removed, faults }: RegistryChange): boolean {
	return [added, changed, removed, faults].every(({ length }) => length === 0);
}
