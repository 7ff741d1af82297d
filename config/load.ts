import { dirname, join, resolve } from 'node:path';
import type * as z from 'zod';
import { check } from './check.ts';
import type { Config } from './config.ts';
import { Document, type Path } from './document.ts';
import type { Fault } from './fault.ts';
import { type ConfigKeys, configSchema } from './schema.ts';
import { type Site, siteFolders } from './site.ts';
import { readSource } from './source.ts';
import { Trust } from './trust.ts';

export interface ReadConfig {
	/** Undefined where there is a fault. */
	readonly config: Config | undefined;
	/** Notices, where there is a config. */
	readonly faults: readonly Fault[];
}

/** What checks and reads the tenant keys under `defaults`, which are not the config's own. */
export interface TenantKeys {
	readonly schema: z.ZodType;
	/** Maps and lists of text, as it stands (Document, asWritten). */
	readonly asWritten: readonly Path[];
	/** What is to be said of keys under a path that are good. */
	readonly notices: (document: Document, path: Path) => readonly Fault[];
}

/** Reads a config file: an absolute path, trusted as tenant files must be. Never throws: all that is wrong is told at once. */
export function readConfig(file: string, site: Site, tenantKeys: TenantKeys): ReadConfig {
	const source = readSource(file, new Trust(site.uid));
	if ('fault' in source) return { config: undefined, faults: [source.fault] };
	const asWritten = tenantKeys.asWritten.map((path) => ['defaults', ...path]);
	const document = new Document(file, source.text, asWritten);
	const { value, faults } = check(document, configSchema(tenantKeys.schema));
	if (value === undefined) return { config: undefined, faults };
	const { defaults = {} } = document.value as { defaults?: Record<string, unknown> };
	return { config: complete(file, site, value, defaults), faults: tenantKeys.notices(document, ['defaults']) };
}

/** The config of an empty file in that folder. */
export function defaultConfig(folder: string, site: Site, tenantKeys: TenantKeys): Config {
	return complete(join(folder, 'innkeeper.yaml'), site, configSchema(tenantKeys.schema).parse({}), {});
}

/** Fills in what depends on the site, and makes paths absolute: they are relative to the file. */
function complete(file: string, site: Site, keys: ConfigKeys, defaults: Record<string, unknown>): Config {
	const absolute = (path: string): string => resolve(dirname(file), path);
	const folders = siteFolders(site);
	const run = absolute(keys.run ?? folders.run);
	const { listen, accessLog, trustedProxies, trustedHeaders, healthFrom, debugHeaders, timeouts, sizes, starts } = keys;
	return {
		file,
		listen: { http: listen.http },
		workers: keys.workers === 'auto' ? site.cores : keys.workers,
		user: keys.user,
		state: absolute(keys.state ?? folders.state),
		run,
		control: absolute(keys.control ?? join(run, 'control.sock')),
		tenants: [...new Set(keys.tenants.map(absolute))],
		trustedProxies,
		trustedHeaders,
		via: keys.via === 'off' ? undefined : keys.via,
		health: keys.health === 'off' ? undefined : keys.health,
		healthFrom,
		debugHeaders,
		accessLog: {
			...accessLog,
			file: accessLog.file === 'stdout' ? 'stdout' : absolute(accessLog.file),
			size: accessLog.size === 'off' ? undefined : accessLog.size,
		},
		timeouts,
		sizes: { ...sizes, queue: sizes.queue ?? sizes.connections },
		starts,
		defaults,
	};
}
