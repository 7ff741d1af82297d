import type { Config } from '../config/config.ts';
import { servesHttp, type Tenant } from '../tenants/tenant.ts';
import { edgeAddress } from './drivers/launch.ts';
import type { House } from './house.ts';
import type { EdgeSettings, TenantView } from './protocol/edge.ts';

/** The parts of the config that edges go by; `files`: how many each of them may open. */
export function edgeSettings(config: Config, files: number): EdgeSettings {
	const { head, idle, body, connect, answer } = config.timeouts;
	return {
		files: Number.isFinite(files) ? files : undefined,
		trustedProxies: config.trustedProxies,
		trustedHeaders: config.trustedHeaders,
		via: config.via,
		health: config.health,
		healthFrom: config.healthFrom,
		debugHeaders: config.debugHeaders,
		accessLog: config.accessLog.format,
		timeouts: { head, idle, body, connect, answer },
		sizes: config.sizes,
	};
}

/** What an edge may know of a tenant; null where it serves no HTTP. */
export function tenantView(tenant: Tenant, config: Config, house: House): TenantView | null {
	if (!servesHttp(tenant)) return null;
	return {
		id: tenant.id,
		name: tenant.name,
		address: edgeAddress(tenant, house),
		connections: tenant.limits.connections,
		queue: tenant.limits.queue,
		startTimeout: tenant.start.timeout,
		// A lease that outlives the idle time would put off the reaping.
		linger: Math.min(config.timeouts.linger, tenant.idle.stop ?? Number.POSITIVE_INFINITY),
	};
}
