import type { Tenant } from '../tenants/tenant.ts';
import type { Selection, TenantRow } from './protocol/control.ts';

/** True where `ps` is to show the tenant, as far as its file and its state say. */
export function selects({ names, states, owner, awake }: Selection, tenant: Tenant, state: string): boolean {
	if (names !== undefined && names.length > 0 && !names.some((glob) => matches(glob, tenant))) return false;
	if (states !== undefined && states.length > 0 && !states.includes(state)) return false;
	if (owner !== undefined && tenant.owner !== owner) return false;
	return awake !== true || state !== 'stopped';
}

/** A name, an id, or a name with `*` (any letters) and `?` (any one). */
function matches(glob: string, { name, id }: Tenant): boolean {
	return glob === String(id) || matchesGlob(glob, name);
}

/**
 * `*` stands for any letters, `?` for one. Goes back to the last star alone (Krauss 2008), so that no pattern takes longer than the
 * product of both lengths.
 */
export function matchesGlob(glob: string, word: string): boolean {
	let at = 0;
	let star = -1;
	let resume = 0;
	for (let letter = 0; letter < word.length; ) {
		if (glob[at] === '*') {
			star = at;
			at += 1;
			resume = letter;
		} else if (glob[at] === '?' || glob[at] === word[letter]) {
			at += 1;
			letter += 1;
		} else if (star === -1) return false;
		else {
			at = star + 1;
			resume += 1;
			letter = resume;
		}
	}
	return /^\**$/.test(glob.slice(at));
}

/** What is compared, and whether much comes first. */
const orders: Readonly<
	Record<NonNullable<Selection['sort']>, [key: (row: TenantRow) => string | number, falling: boolean]>
> = {
	id: [({ id }) => id, false],
	name: [({ name }) => name, false],
	owner: [({ owner }) => owner ?? '', false],
	state: [({ state }) => state, false],
	since: [({ since }) => since, false],
	pids: [({ pids }) => pids.length, true],
	memory: [({ memory }) => memory, true],
	cpu: [({ cpuMs }) => cpuMs, true],
	leases: [({ leases }) => leases, true],
	connections: [({ connections }) => connections, true],
	wakes: [({ wakes }) => wakes, true],
};

/** What a row is sorted by. */
export function sortKey(sort: NonNullable<Selection['sort']>, row: TenantRow): string | number {
	return orders[sort][0](row);
}

/** Less than nothing where the first comes before the second; equal ones go by their ids. */
export function inOrder(
	sort: NonNullable<Selection['sort']>,
	one: { readonly key: string | number; readonly id: number },
	other: { readonly key: string | number; readonly id: number },
): number {
	if (one.key === other.key) return one.id - other.id;
	return one.key < other.key !== orders[sort][1] ? -1 : 1;
}
