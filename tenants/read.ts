import { dirname, resolve } from 'node:path';
import { check } from '../config/check.ts';
import { Document } from '../config/document.ts';
import type { Fault } from '../config/fault.ts';
import { rungNotices } from './rungs.ts';
import { portOf, tenantKeys, tenantSchema, type WrittenTenant } from './schema.ts';
import type { Tenant } from './tenant.ts';

export interface ReadTenant {
	/** Undefined where there is a fault. */
	readonly tenant: Tenant | undefined;
	/** Notices, where there is a tenant. */
	readonly faults: readonly Fault[];
}

/** Reads the text of a tenant file. `defaults` are the config's, checked already; what the file says goes before them. */
export function readTenant(file: string, text: string, defaults: Readonly<Record<string, unknown>>): ReadTenant {
	const document = openTenant(file, text);
	const { value, faults } = check(document, tenantSchema, withDefaults(document.value, defaults));
	if (value === undefined) return { tenant: undefined, faults };
	return { tenant: complete(value, file, dirname(file)), faults: rungNotices(document, []) };
}

/** The tenant file as a document, to tell a fault's place in it. */
export function openTenant(file: string, text: string): Document {
	return new Document(file, text, tenantKeys.asWritten);
}

function complete(written: WrittenTenant, file: string, folder: string): Tenant {
	return {
		id: written.id,
		name: written.name,
		file,
		folder,
		owner: written.owner,
		hosts: written.hosts,
		addresses: written.addresses,
		command: written.command,
		cwd: resolve(folder, written.cwd),
		env: written.env,
		envFile: written.envFile === undefined ? undefined : resolve(folder, written.envFile),
		user: written.user,
		noNewPrivileges: written.noNewPrivileges,
		port: portOf(written),
		activation: written.activation,
		readiness: written.readiness,
		limits: { connections: written.limits.connections, queue: written.limits.queue },
		overlap: written.overlap,
		keep: written.keep,
		idle: { stop: written.idle.stop === 'off' ? undefined : written.idle.stop },
		start: { timeout: written.start.timeout },
		stop: written.stop,
		log: written.log,
	};
}

/** Key by key, and within maps as `limits` or `env` again key by key. */
function withDefaults(own: unknown, defaults: Readonly<Record<string, unknown>>): unknown {
	if (!isMap(own)) return own;
	const merged: Record<string, unknown> = { ...defaults, ...own };
	for (const [key, value] of Object.entries(own)) {
		const below = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
		if (isMap(value) && isMap(below)) merged[key] = { ...below, ...value };
	}
	return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
