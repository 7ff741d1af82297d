import { hallAddress } from '../../tenants/ids.ts';
import { servesHttp, type Tenant } from '../../tenants/tenant.ts';
import { userName } from '../../tenants/user.ts';
import { dataFolder, type House, logFile } from '../house.ts';

/** What follows the server's own Node in every tenant's PATH (CONTRACT, `command`). */
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/** The PATH of every tenant. */
export function tenantPath(house: House): string {
	return `${house.nodeFolder}:${SYSTEM_PATH}`;
}

/** The whole environment of a tenant's first process: these names, its own, what its envFile says, and nothing of the host's (CONTRACT, `env`). */
export function tenantEnvironment(tenant: Tenant, house: House, secrets: Tenant['env']): string[] {
	const data = dataFolder(house, tenant.id);
	const own = {
		PATH: tenantPath(house),
		HOME: data,
		...identity(tenant, house),
		LANG: 'C.UTF-8',
		PORT: String(tenant.port),
		DATA: data,
		VPS_ID: String(tenant.id),
		VPS_NAME: tenant.name,
	};
	return Object.entries({ ...own, ...tenant.env, ...secrets }).map(([name, value]) => `${name}=${value}`);
}

/** Who it is, as login(1) says it. A user id of its own has no name that getpwuid(3) knows, so that this is the one place to learn it. */
function identity(tenant: Tenant, house: House): { USER: string; LOGNAME: string; SHELL: string } {
	const { user = house.root ? undefined : house.uid } = tenant;
	const name = typeof user === 'number' ? (nameOf(user) ?? String(user)) : (user ?? `tenant-${tenant.id}`);
	return { USER: name, LOGNAME: name, SHELL: '/bin/sh' };
}

const names = new Map<number, string | undefined>();

/** Looked up once: no start waits for the machine's list of users again. */
function nameOf(uid: number): string | undefined {
	if (!names.has(uid)) names.set(uid, userName(uid));
	return names.get(uid);
}

/**
 * With `activation: listen-fds`: how many sockets the program has from fd 3 on, and their names, `http` or `address-port`
 * (sd_listen_fds(3)); LISTEN_PID is the keeper's to add. `sockets`: the names that the keeper knows them by.
 */
function listenEnvironment(sockets: readonly string[]): string[] {
	const names = sockets.map((socket) => {
		const [kind, address = socket] = socket.split('/');
		return kind === 'hall' ? 'http' : address.replaceAll(':', '-');
	});
	return [`LISTEN_FDS=${sockets.length}`, `LISTEN_FDNAMES=${names.join(':')}`];
}

/** A socket that the keeper holds for a tenant. */
export interface HeldSocket {
	readonly name: string;
	readonly at: 'hall' | 'host';
	readonly address: string;
	readonly port: number;
	readonly to: 'tenant' | 'edges';
}

/** Where an instance answers in the hall: two that live side by side have a socket each, for a listening socket is one open file. */
export type Place = 1 | 2;

/** The port of a place in the hall, where the tenant's address is its own and every port of it free. */
export function hallPort(tenant: Tenant, place: Place): number {
	if (place === 1) return tenant.port;
	return tenant.port < 65_535 ? tenant.port + 1 : tenant.port - 1;
}

/** The place of the socket of that name, if it is the tenant's in the hall. */
export function placeOf(tenant: Tenant, socket: string): Place | undefined {
	return ([1, 2] as const).find((place) => hallName(tenant, place) === socket);
}

/** By what name the keeper knows the tenant's socket in the hall; undefined where no HTTP is served or the program binds by itself. */
export function hallName(tenant: Tenant, place: Place = 1): string | undefined {
	if (!servesHttp(tenant) || tenant.activation === 'port') return undefined;
	return place === 1 ? `hall/${tenant.id}` : `hall/${tenant.id}/2`;
}

/** The socket in the hall by which the edge reaches a tenant; undefined where it has no name there. */
export function hallSocket(tenant: Tenant, house: House, place: Place = 1): HeldSocket | undefined {
	const name = hallName(tenant, place);
	if (name === undefined) return undefined;
	const address = hallAddress(tenant.id, house.block);
	return { name, at: 'hall', address, port: hallPort(tenant, place), to: 'tenant' };
}

/** The tenant's public sockets: held from the moment the tenant is known. */
export function publicSockets(tenant: Tenant): HeldSocket[] {
	return tenant.addresses.map(({ address, port, kind }) => ({
		name: `${kind}/${address}:${port}`,
		at: 'host',
		address,
		port,
		to: kind === 'http' ? 'edges' : 'tenant',
	}));
}

/** Where the edge reaches a tenant: its own address in the hall, or the loopback where the program binds by itself. */
export function edgeAddress(tenant: Tenant, house: House): string {
	return tenant.activation === 'port' ? '127.0.0.1' : hallAddress(tenant.id, house.block);
}

/**
 * The part of the keeper's `start` request that does not depend on the machine's state. `sockets`: the names of those that it gets;
 * `secrets`: what its envFile says.
 */
export function launchFields(
	tenant: Tenant,
	house: House,
	instance: number,
	sockets: readonly string[],
	secrets: Tenant['env'],
): Record<string, string | number | readonly string[]> {
	return {
		id: tenant.id,
		instance,
		cwd: tenant.cwd,
		env: [
			...tenantEnvironment(tenant, house, secrets),
			...(tenant.activation === 'listen-fds' ? listenEnvironment(sockets) : []),
		],
		socket: sockets,
		activation: tenant.activation,
		log: logFile(house, tenant.id),
		'log-size': tenant.log.size,
		'log-files': tenant.log.files,
	};
}
