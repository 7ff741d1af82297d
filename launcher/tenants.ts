import type { Registry } from '../tenants/registry.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { activationHere, type Means } from './activation.ts';

/** The tenants in force as this machine serves them; each is looked at once. */
export class TenantsHere {
	readonly #registry: Registry;
	readonly #means: Means;
	readonly #told: (line: string) => void;
	readonly #here = new WeakMap<Tenant, Tenant>();

	constructor(registry: Registry, means: Means, told: (line: string) => void) {
		this.#registry = registry;
		this.#means = means;
		this.#told = told;
	}

	*all(): Generator<Tenant> {
		for (const tenant of this.#registry.tenants()) yield this.#as(tenant);
	}

	byId(id: number): Tenant | undefined {
		const tenant = this.#registry.tenant(id);
		return tenant && this.#as(tenant);
	}

	/** Looks at all of them: a name is asked for by operators alone. */
	byName(name: string): Tenant | undefined {
		for (const tenant of this.#registry.tenants()) if (tenant.name === name) return this.#as(tenant);
		return undefined;
	}

	*names(): Generator<string> {
		for (const { name } of this.#registry.tenants()) yield name;
	}

	/** Whose a route key is, `host:NAME` or `address:IP:PORT` (protocol/edge.ts). */
	byRoute(key: string): Tenant | undefined {
		const tenant = this.#registry.find(key);
		return tenant && this.#as(tenant);
	}

	#as(tenant: Tenant): Tenant {
		const known = this.#here.get(tenant);
		if (known !== undefined) return known;
		const here = activationHere(tenant, this.#means, this.#told);
		this.#here.set(tenant, here);
		return here;
	}
}
