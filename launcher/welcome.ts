import type { SocketAddress } from '../config/config.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** More would be a list, not an invitation. */
const MOST = 12;

/**
 * What can be tried in a browser on this machine without any DNS: hosts under .localhost (RFC 6761, 6.3) and the tenants' own
 * loopback addresses, where they are all `reached`. A line each, for people.
 */
export function urlsToTry(
	tenants: Iterable<Tenant>,
	listeners: readonly SocketAddress[],
	reached: (tenant: Tenant) => boolean,
): string[] {
	const [listener] = listeners;
	const urls: string[] = [];
	for (const tenant of tenants) {
		const { hosts, addresses } = tenant;
		if (urls.length === MOST) break;
		const host = hosts.find((name) => name.endsWith('.localhost') && !name.startsWith('*'));
		if (host !== undefined && listener !== undefined)
			urls.push(`http://${host}${listener.port === 80 ? '' : `:${listener.port}`}/`);
		const own = addresses.find(({ address }) => address.startsWith('127.'));
		if (own !== undefined && reached(tenant)) urls.push(`${own.kind}://${own.address}:${own.port}`);
	}
	return urls;
}
