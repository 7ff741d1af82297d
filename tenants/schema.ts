import { constants } from 'node:os';
import * as z from 'zod';
import { formatSocketAddress, parseSocketAddress } from '../config/addresses.ts';
import type { TenantKeys } from '../config/load.ts';
import {
	choice,
	count,
	duration,
	durationOrOff,
	flag,
	isEmptyList,
	list,
	path,
	port,
	section,
	size,
	someDuration,
	unbuilt,
	urlPath,
	user,
	value,
} from '../config/values.ts';
import { normaliseHost } from './hosts.ts';
import { FIRST_TENANT_ID, isVpsId, LAST_VPS_ID, type VpsId } from './ids.ts';
import { rungNotices } from './rungs.ts';
import { servesHttp, type Tenant, type TenantAddress } from './tenant.ts';

const id = value(`a whole number from ${FIRST_TENANT_ID} to ${LAST_VPS_ID}, the VPS id`, (raw) =>
	isVpsId(raw) && raw >= FIRST_TENANT_ID ? raw : undefined,
);

/** A name is a word of the command line beside ids and options, so it is no number and begins with no hyphen. */
const name = value('at most 63 of a-z, 0-9 and -, with a letter, no - at either end', (raw) =>
	typeof raw === 'string' && /^(?=.{1,63}$)(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(raw) ? raw : undefined,
);

const owner = value('at most 63 of a-z, 0-9, . _ and -', (raw) =>
	typeof raw === 'string' && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(raw) ? raw : undefined,
);

const host = value('a host without a port, as a.example, *.a.example or *', (raw) =>
	typeof raw === 'string' ? normaliseHost(raw) : undefined,
);

const address = value(
	'an IP address, a port and what it is for, as 127.0.5.1:25/tcp or 127.0.5.2:80/http',
	(raw, refuse): TenantAddress | undefined => {
		const [, socket = '', kind] = (typeof raw === 'string' && /^(.*)\/(tcp|udp|http)$/.exec(raw)) || [];
		const parsed = parseSocketAddress(socket);
		if (parsed === undefined) return undefined;
		if (kind === 'udp') return refuse('not-built-yet', 'udp is not built yet');
		return { ...parsed, kind: kind === 'http' ? 'http' : 'tcp' };
	},
);

const signal = value('the name of a signal, as SIGTERM', (raw) =>
	typeof raw === 'string' && Object.hasOwn(constants.signals, raw) ? raw : undefined,
);

const environment = value(
	'a map of names (letters, digits, _) to texts, numbers or booleans',
	(raw): Record<string, string> | undefined => {
		if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
		const entries = Object.entries(raw);
		const good = entries.every(
			([key, word]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && typeof word === 'string' && !word.includes('\0'),
		);
		return good ? Object.fromEntries(entries) : undefined;
	},
);

const command = value('a list of words: the program and its arguments', (raw): [string, ...string[]] | undefined => {
	if (!Array.isArray(raw) || !raw.every((word) => typeof word === 'string' && !word.includes('\0'))) return undefined;
	const [program, ...rest] = raw as string[];
	return program === undefined || program === '' ? undefined : [program, ...rest];
});

const readiness = value(
	'notify, or a map with one of http: /PATH, tcp: banner and command: [WORDS]',
	(raw): Tenant['readiness'] => {
		if (raw === 'notify') return raw;
		const forms = [
			z.strictObject({ http: urlPath }),
			z.strictObject({ tcp: z.literal('banner') }),
			z.strictObject({ command }),
		];
		return forms.map((form) => form.safeParse(raw)).find(({ success }) => success)?.data;
	},
);

const tenantSection = section({
	id,
	name,
	owner: owner.optional(),
	hosts: list(host, 'hosts').default([]),
	addresses: list(address, 'addresses', formatSocketAddress).default([]),
	tls: section({ passthrough: unbuilt((raw) => raw === false) }).prefault({}),
	command,
	cwd: path.default('.'),
	env: environment.default({}),
	envFile: path.optional(),
	user: user.optional(),
	noNewPrivileges: flag.optional(),
	port: port.optional(),
	activation: choice(['adopt', 'listen-fds', 'port'], ['inetd']).default('adopt'),
	readiness: readiness.optional(),
	isolation: choice(['process'], ['sandbox', 'container', 'vm']).default('process'),
	network: choice(['host'], ['none', 'nat']).default('host'),
	limits: section({
		memory: unbuilt(),
		cpu: unbuilt(),
		pids: unbuilt(),
		connections: count(1, 1_000_000).optional(),
		queue: count(0, 1_000_000).optional(),
	}).prefault({}),
	keep: choice(['on-demand', 'always', 'down']).default('on-demand'),
	overlap: choice(['auto', 'on', 'off']).default('auto'),
	idle: section({
		freeze: durationOrOff.optional(),
		reclaim: durationOrOff.optional(),
		checkpoint: durationOrOff.optional(),
		// As long as stopping is the only rung, memory comes back by it alone; a start is a matter of milliseconds.
		stop: durationOrOff.default(300_000),
	}).prefault({}),
	start: section({ timeout: someDuration.default(30_000), page: choice(['off'], ['on']).default('off') }).prefault({}),
	stop: section({
		signal: signal.default('SIGTERM'),
		grace: duration.default(10_000),
		drain: duration.default(30_000),
	}).prefault({}),
	log: section({
		size: size(4096, 2 ** 30, 'from 4K to 1G').default(10 * 2 ** 20),
		files: count(1, 100).default(2),
	}).prefault({}),
	wake: section({ except: unbuilt(isEmptyList) }).prefault({}),
	requires: unbuilt(isEmptyList),
	schedule: unbuilt(isEmptyList),
});

/** A tenant as its file has it: `cwd` still relative to the file, `owner`, `user`, `port` and `readiness` perhaps left out. */
export interface WrittenTenant
	extends Omit<
		Tenant,
		'file' | 'folder' | 'owner' | 'envFile' | 'user' | 'noNewPrivileges' | 'port' | 'readiness' | 'limits' | 'idle'
	> {
	readonly id: VpsId;
	readonly limits: { readonly connections?: number | undefined; readonly queue?: number | undefined };
	readonly idle: { readonly stop: number | 'off' };
	readonly owner?: Tenant['owner'];
	/** Still relative to the file. */
	readonly envFile?: Tenant['envFile'];
	readonly user?: Tenant['user'];
	readonly noNewPrivileges?: Tenant['noNewPrivileges'];
	readonly port?: number | undefined;
	readonly readiness?: Tenant['readiness'];
}

/** The tenant file (CONTRACT, tenant file). */
export const tenantSchema: z.ZodType<WrittenTenant> = tenantSection.superRefine((tenant, context) => {
	const refuse = (path: (string | number)[], message: string): void =>
		context.addIssue({ code: 'custom', path, message, params: { fault: 'invalid' } });
	const wrong = unanswerable(tenant);
	if (wrong !== undefined) refuse(['readiness'], wrong);
	for (const [index, address] of tenant.addresses.entries()) {
		if (isTakenByHttp(tenant, address)) refuse(['addresses', index], sharedPort(address.port));
	}
});

/** What a server that speaks HTTP binds, where its file does not say. */
const DEFAULT_PORT = 8080;

/** Where the program's own server listens. One that is reached at one TCP address alone has no use for another port than that. */
export function portOf({ port, hosts, addresses }: WrittenTenant): number {
	const [own, ...others] = addresses;
	const only = hosts.length === 0 && others.length === 0 && own?.kind === 'tcp' ? own.port : undefined;
	return port ?? only ?? DEFAULT_PORT;
}

/** True where one bind(2) of the program's would have to stand for two sockets. Handed over, they are told apart by their number. */
function isTakenByHttp(tenant: WrittenTenant, { kind, port }: TenantAddress): boolean {
	return kind === 'tcp' && servesHttp(tenant) && tenant.activation !== 'listen-fds' && port === portOf(tenant);
}

function sharedPort(port: number): string {
	return `has the port (${port}) by which the edge reaches the program: give \`port\` or this address another one, or make it /http`;
}

/** Why a readiness can never come about; undefined where it can. */
function unanswerable({ readiness, hosts, addresses }: WrittenTenant): string | undefined {
	if (typeof readiness !== 'object') return undefined;
	const has = (kind: TenantAddress['kind']): boolean => addresses.some((one) => one.kind === kind);
	if ('tcp' in readiness && !has('tcp')) return 'tcp: banner needs an address of kind tcp';
	if ('http' in readiness && hosts.length === 0 && !has('http')) return 'http needs hosts, or an address of kind http';
	return undefined;
}

/** The tenant keys in the config's `defaults`: any of them, and no more. */
export const tenantKeys: TenantKeys = {
	schema: tenantSection.partial(),
	asWritten: [['env'], ['command']],
	notices: rungNotices,
};
