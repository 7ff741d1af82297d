import type { RegistryChange } from '../tenants/registry.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { eventLine } from './announcer.ts';

/** So many changes of a kind are told one by one; more are counted. */
const MOST_TOLD = 10;

/** What was taken in of the tenant files, for people: a line for each tenant, or one that counts them. Values are never told. */
export function changeLines({ added, changed, replaced, removed }: RegistryChange): string[] {
	const pairs = changed.map((tenant, index) => [replaced[index] ?? tenant, tenant] as const);
	const isRenamed = ([before, now]: readonly [Tenant, Tenant]): boolean => before.name !== now.name;
	return [
		...told('remove', 'removed', removed, ({ name, id }) => [name, `id ${id}`]),
		...told('add', 'added', added, ({ name, id, file }) => [name, `id ${id}, ${file}`]),
		...told('rename', 'renamed', pairs.filter(isRenamed), ([before, now]) => [now.name, `it was ${before.name}`]),
		...told(
			'change',
			'changed',
			pairs.filter((pair) => !isRenamed(pair)),
			([before, now]) => [now.name, differences(before, now).join(', ')],
		),
	];
}

function told<T>(
	verb: string,
	done: string,
	all: readonly T[],
	words: (one: T) => [name: string, story: string],
): string[] {
	if (all.length > MOST_TOLD) return [`${all.length} tenants ${done}`];
	return all.map((one) => eventLine(verb, ...words(one)));
}

/** The keys that have other values. */
function differences(before: Tenant, now: Tenant): string[] {
	const old: Record<string, unknown> = { ...before };
	const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
	const other: Record<string, unknown> = { ...now };
	return [...keys].filter((key) => JSON.stringify(old[key]) !== JSON.stringify(other[key]));
}
