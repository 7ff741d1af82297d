import { readTenant } from '../../tenants/read.ts';
import type { Tenant } from '../../tenants/tenant.ts';

/** A tenant of these keys; the name is `t` and the id, unless it is among them. Throws where they are wrong. */
export function made(id: number, keys: Readonly<Record<string, unknown>> = {}): Tenant {
	const document = { id, name: `t${id}`, command: ['true'], ...keys };
	const { tenant, faults } = readTenant(`/srv/tenants/t${id}/tenant.yaml`, JSON.stringify(document), {});
	if (tenant === undefined) throw new Error(JSON.stringify(faults));
	return tenant;
}
