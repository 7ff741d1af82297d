import * as z from 'zod';
import { formatSocketAddress } from './addresses.ts';
import type { Config } from './config.ts';
import {
	block,
	choice,
	count,
	duration,
	flag,
	isEmptyList,
	list,
	path,
	pseudonymOrOff,
	section,
	size,
	sizeOrOff,
	socketAddress,
	someDuration,
	unbuilt,
	urlPathOrOff,
	user,
	value,
} from './values.ts';

const proxyProtocol = choice(['off'], ['accept', 'require']).default('off');

/** An address alone is short for a map with what holds for this listener only. */
const listener = z
	.preprocess(
		(raw) => (typeof raw === 'string' ? { address: raw } : raw),
		section({ address: socketAddress, proxyProtocol }),
	)
	.transform(({ address }) => address)
	.describe('an IP address and a port, as 127.0.0.1:8080 or [::1]:8080, or a map with address and proxyProtocol');

/** The config file's keys as they were written, defaults filled in but for those that depend on the site. */
export interface ConfigKeys
	extends Omit<
		Config,
		'file' | 'workers' | 'user' | 'state' | 'run' | 'control' | 'health' | 'via' | 'accessLog' | 'sizes' | 'defaults'
	> {
	readonly workers: 'auto' | number;
	/** Or `off`. */
	readonly health: string;
	/** Or `off`. */
	readonly via: string;
	readonly accessLog: Omit<Config['accessLog'], 'size'> & { readonly size: number | 'off' };
	readonly sizes: Omit<Config['sizes'], 'queue'> & { readonly queue?: number | undefined };
	readonly user?: string | number | undefined;
	readonly state?: string | undefined;
	readonly run?: string | undefined;
	readonly control?: string | undefined;
}

/** The config file (CONTRACT, config file); `defaults` checks the tenant keys under the key of that name. */
export function configSchema(defaults: z.ZodType): z.ZodType<ConfigKeys> {
	return section({
		listen: section({
			http: list(listener, 'addresses', formatSocketAddress).default([{ address: '127.0.0.1', port: 8080 }]),
			https: unbuilt(isEmptyList),
		}).prefault({}),
		workers: value('auto, or a whole number from 1 to 90', readWorkers).default(1),
		user: user.optional(),
		state: path.optional(),
		run: path.optional(),
		control: path.optional(),
		tenants: list(path, 'folders').default(['./tenants']),
		trustedProxies: list(block, 'blocks of IP addresses').default([]),
		trustedHeaders: choice(['x-forwarded', 'forwarded']).default('x-forwarded'),
		via: pseudonymOrOff.default('innkeeper'),
		proxyProtocol,
		health: urlPathOrOff.default('/.innkeeper/health'),
		healthFrom: list(block, 'blocks of IP addresses').default(['127.0.0.0/8', '::1/128']),
		debugHeaders: flag.default(false),
		accessLog: section({
			file: path.default('stdout'),
			format: choice(['json', 'combined', 'off']).default('json'),
			size: sizeOrOff(65_536, 2 ** 40, 'from 64K to 1024G').default(100 * 2 ** 20),
			files: count(1, 100).default(5),
		}).prefault({}),
		timeouts: section({
			head: someDuration.default(10_000),
			idle: someDuration.default(75_000),
			body: someDuration.default(60_000),
			connect: someDuration.default(5000),
			answer: someDuration.default(300_000),
			linger: duration.default(2000),
		}).prefault({}),
		sizes: section({
			head: size(256, 2 ** 20, 'from 256 bytes to 1M').default(16_384),
			target: size(64, 2 ** 20, 'from 64 bytes to 1M').default(8192),
			headers: count(1, 10_000).default(100),
			queue: count(0, 1_000_000).optional(),
			connections: count(1, 1_000_000).default(20_000),
		}).prefault({}),
		starts: section({
			atOnce: count(1, 10_000).default(4),
			running: count(1, 1_000_000).default(1000),
		}).prefault({}),
		defaults: defaults.optional(),
	});
}

function readWorkers(raw: unknown): 'auto' | number | undefined {
	if (raw === 'auto') return raw;
	return Number.isInteger(raw) && (raw as number) >= 1 && (raw as number) <= 90 ? (raw as number) : undefined;
}
