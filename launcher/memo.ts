import type { Config } from '../config/config.ts';
import type { Remembered } from '../tenants/registry.ts';

/**
 * What the keeper remembers for the next launcher (native/PROTOCOL.md, remember): the config in force, and with each instance its
 * tenant. So a file that is broken or gone just when the launcher dies costs nobody anything.
 */

/** Raised where a memo means something else than it did: one of another version is no memo. */
const VERSION = 1;

/** In UTF-16 units; with the rest of a start, one that is larger might not fit into a frame. Nobody has such files. */
const LARGEST = 1 << 17;

/** Undefined where it is too large to be remembered. */
export function configMemo(config: Config): string | undefined {
	return write({ version: VERSION, config });
}

/** Undefined where it is too large to be remembered, or there is nothing. */
export function tenantMemo(remembered: Remembered | undefined): string | undefined {
	return remembered && write({ version: VERSION, remembered });
}

export function readConfigMemo(memo: string): Config | undefined {
	return read<{ config: Config }>(memo)?.config;
}

export function readTenantMemo(memo: string): Remembered | undefined {
	return read<{ remembered: Remembered }>(memo)?.remembered;
}

function write(memo: object): string | undefined {
	const text = JSON.stringify(memo);
	return text.length > LARGEST ? undefined : text;
}

function read<Memo>(memo: string): Memo | undefined {
	if (memo === '') return undefined;
	const { version, ...rest } = JSON.parse(memo) as { version: number };
	return version === VERSION ? (rest as Memo) : undefined;
}
