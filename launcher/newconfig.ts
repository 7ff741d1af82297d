import type { Config } from '../config/config.ts';

/** What only a new start of the house takes in: sockets and folders are made then. */
const FIXED = ['listen', 'workers', 'user', 'state', 'run', 'control', 'tenants'] as const;

/** The new config, as far as it can take effect now; `later`: a line for each key that only a new start takes in. */
export function takeIn(old: Config, now: Config): { readonly config: Config; readonly later: readonly string[] } {
	const changed = FIXED.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]));
	const kept = Object.fromEntries(FIXED.map((key) => [key, old[key]])) as Pick<Config, (typeof FIXED)[number]>;
	return {
		config: { ...now, ...kept },
		later: changed.map((key) => `${now.file}: ${key}: changed, but taken in by a new start only`),
	};
}
