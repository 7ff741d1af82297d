import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config } from '../config/config.ts';
import { Document, type Path } from '../config/document.ts';
import type { Fault } from '../config/fault.ts';
import { readSource } from '../config/source.ts';
import { Trust } from '../config/trust.ts';
import { mayRead, STRANGER } from './access.ts';
import { readEnvFile } from './envfile.ts';
import { openTenant } from './read.ts';
import type { Tenant } from './tenant.ts';
import { type ServerUser, tenantUser } from './user.ts';

/** What others than the provider can see of a tenant until it is sandboxed, a few words each (docs/border.md). */
export interface OpenBorder {
	/** Other tenants, and whoever else is on this machine. */
	readonly others: readonly string[];
	/** The tenant's own programs, which may publish the folder that they run in. */
	readonly itself: readonly string[];
}

/** What of a tenant is open now. `mounts`: as /proc/self/mounts says. */
export function openBorder(tenant: Tenant, server: ServerUser, mounts: string): OpenBorder {
	const readers = new Readers(server);
	const secrets = secretNames(tenant.env);
	const file = secrets.length === 0 ? basename(tenant.file) : `${basename(tenant.file)} with ${secrets.join(', ')}`;
	const envFile = tenant.envFile === undefined ? [] : [tenant.envFile];
	return {
		others: [
			'further ports',
			...(hidesProcesses(mounts) ? [] : ['command lines']),
			...(readers.everybody(tenant.file) ? [file] : []),
			...envFile.filter((path) => readers.everybody(path)),
		],
		itself: [
			...(secrets.length > 0 && readers.itself(tenant.file, tenant) ? [file] : []),
			...envFile.filter((path) => readers.itself(path, tenant)),
		],
	};
}

/** What `check` says of the house as a whole, which is no fault of any file; undefined where there are no tenants. */
export function openHouse(tenants: Iterable<Tenant>, server: ServerUser, mounts: string): string | undefined {
	const all = [...tenants];
	const readers = new Readers(server);
	const files = all.filter(({ file }) => readers.everybody(file)).length;
	const open = [
		...(server.root
			? []
			: [`they run as user ${server.uid}, as the server does, and read the files and environments of all`]),
		'further ports that they bind lie open on this machine',
		...(hidesProcesses(mounts) ? [] : ['/proc shows them the command lines of all (no hidepid=invisible)']),
		...(files === 0 ? [] : [`${files} of ${all.length} tenant files can be read by others (chmod 600)`]),
	];
	return all.length === 0 ? undefined : `until tenants are sandboxed (docs/border.md): ${open.join('; ')}`;
}

/** Secrets that can be read by whom they are not for: a notice each. Envfiles that would fail their tenant's start: a fault. */
export function secretFaults(config: Config, tenants: Iterable<Tenant>, server: ServerUser): Fault[] {
	const readers = new Readers(server);
	const trust = new Trust(server.uid);
	const faults: Fault[] = [];
	const told = (document: Document, path: Path, whom: string): void => {
		const message = `it looks like a secret, and ${whom} can read this file: put it into an envFile, or chmod 600`;
		faults.push(document.fault(path, { code: 'exposed', message, severity: 'notice' }));
	};
	const defaults = secretNames((config.defaults as { env?: Tenant['env'] }).env ?? {});
	if (defaults.length > 0 && readers.everybody(config.file)) {
		const source = readSource(config.file, trust);
		const document = new Document(config.file, 'text' in source ? source.text : '');
		for (const name of defaults) told(document, ['defaults', 'env', name], 'everybody');
	}
	for (const tenant of tenants) {
		const { file, env, envFile } = tenant;
		const secrets = secretNames(env);
		const whom = secrets.length === 0 ? undefined : readers.whom(file, tenant);
		const source = whom === undefined ? undefined : readSource(file, trust);
		if (whom !== undefined && source !== undefined && 'text' in source) {
			const document = openTenant(file, source.text);
			for (const name of secrets.filter((one) => document.has(['env', one]))) told(document, ['env', name], whom);
		}
		if (envFile !== undefined) faults.push(...envFileFaults(envFile, tenant, trust, readers));
	}
	return faults;
}

function envFileFaults(envFile: string, tenant: Tenant, trust: Trust, readers: Readers): Fault[] {
	const read = readEnvFile(envFile, trust);
	if ('fault' in read) return [atKey(read.fault, tenant, trust)];
	const whom = readers.whom(envFile, tenant);
	if (whom === undefined) return [];
	const message = `${whom} can read it: chown root and chmod 600 it, for the launcher alone reads it`;
	return [{ file: envFile, line: undefined, column: undefined, key: '', message, code: 'exposed', severity: 'notice' }];
}

/** What is wrong with a file as a whole is told where the tenant's file names it; what is wrong in it, by its line. */
function atKey(fault: Fault, { file }: Tenant, trust: Trust): Fault {
	const source = fault.line === undefined ? readSource(file, trust) : undefined;
	const document = source !== undefined && 'text' in source ? openTenant(file, source.text) : undefined;
	if (!document?.has(['envFile'])) return fault;
	return document.fault(['envFile'], { code: fault.code, message: fault.message });
}

/** Who can read a file that is the provider's. What it found of folders it remembers: use one for one look. */
class Readers {
	readonly #server: ServerUser;
	readonly #known = new Map<string, Stats>();

	constructor(server: ServerUser) {
		this.#server = server;
	}

	/** True where any user of the machine can. */
	everybody(file: string): boolean {
		return this.#can((real) => mayRead(real, STRANGER, undefined, this.#stat), file);
	}

	/** True where the tenant's own user can, who has not the rights of the server's. */
	itself(file: string, tenant: Tenant): boolean {
		const user = tenantUser(tenant, this.#server);
		if (user === undefined || user.uid === 0 || !this.#server.root) return false;
		return this.#can((real) => mayRead(real, user, realpathSync(tenant.folder), this.#stat), file);
	}

	/** In words; undefined where nobody can. */
	whom(file: string, tenant: Tenant): string | undefined {
		if (this.everybody(file)) return 'every other tenant';
		return this.itself(file, tenant) ? `user ${tenantUser(tenant, this.#server)?.uid}, as whom it runs,` : undefined;
	}

	#stat = (path: string): Stats => {
		const stats = this.#known.get(path) ?? statSync(path);
		if (stats.isDirectory()) this.#known.set(path, stats);
		return stats;
	};

	/** What is not there is read by nobody. */
	#can(look: (real: string) => boolean, file: string): boolean {
		try {
			return look(realpathSync(file));
		} catch {
			return false;
		}
	}
}

/** The names of variables that hold a secret by their name, or a password in a URL. */
function secretNames(env: Tenant['env']): string[] {
	const isName = /(^|_)(PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRETS?|TOKENS?|KEYS?|CREDENTIALS?)(_|\d*$)/i;
	const isPublic = /(^|_)PUBLIC(_|$)/i;
	const hasPassword = /:\/\/[^/@\s]*:[^/@\s]+@/;
	return Object.entries(env)
		.filter(([name, text]) => text !== '' && ((isName.test(name) && !isPublic.test(name)) || hasPassword.test(text)))
		.map(([name]) => name);
}

/** True where /proc shows a user no processes but its own (proc(5), hidepid). */
function hidesProcesses(mounts: string): boolean {
	const [, options = ''] = /^\S+ \/proc proc (\S+)/m.exec(mounts) ?? [];
	return /(^|,)hidepid=(1|2|4|noaccess|invisible|ptraceable)(,|$)/.test(options);
}

/** The mounts of this process. */
export function readMounts(): string {
	return readFileSync('/proc/self/mounts', 'utf8');
}
