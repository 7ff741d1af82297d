import type { TenantFiles } from '../../tests/system/house.ts';

/** The host of the n-th of many tenants. */
export function hostOf(n: number): string {
	return `tenant-${n}.test`;
}

/** Many tenants that run the static server, `tenant-0` on, each with these keys in its file beside the necessary ones. */
export function staticTenants(
	count: number,
	staticProgram: string,
	keys: Readonly<Record<string, unknown>> = {},
): Record<string, TenantFiles> {
	const tenant = (n: number): TenantFiles => ({
		yaml: { id: 100 + n, name: `tenant-${n}`, hosts: [hostOf(n)], command: ['./static'], port: 8080, ...keys },
		files: { static: { link: staticProgram } },
	});
	return Object.fromEntries(Array.from({ length: count }, (_, n) => [`tenant-${n}`, tenant(n)]));
}

/** The same without files of their own, in any number: a file has no more than some ten thousand links. `staticProgram` is absolute. */
export function registeredTenants(count: number, staticProgram: string): Record<string, TenantFiles> {
	const tenant = (n: number): TenantFiles => ({
		yaml: { id: 100 + n, name: `tenant-${n}`, hosts: [hostOf(n)], command: [staticProgram], port: 8080 },
	});
	return Object.fromEntries(Array.from({ length: count }, (_, n) => [`tenant-${n}`, tenant(n)]));
}
