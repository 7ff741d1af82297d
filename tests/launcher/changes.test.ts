import { changeLines } from '../../launcher/changes.ts';
import type { RegistryChange } from '../../tenants/registry.ts';
import type { Tenant } from '../../tenants/tenant.ts';

function tenant(id: number, name: string, keys: Partial<Tenant> = {}): Tenant {
	return { id, name, file: `/t/${name}/tenant.yaml`, hosts: [], port: 8080, ...keys } as unknown as Tenant;
}

function change(parts: Partial<RegistryChange>): RegistryChange {
	return { added: [], changed: [], replaced: [], removed: [], keys: [], faults: [], ...parts };
}

test('each change has a line of its own: what, who, and which keys, never their values', () => {
	const lines = changeLines(
		change({
			added: [tenant(101, 'new')],
			removed: [tenant(102, 'old')],
			replaced: [tenant(103, 'was'), tenant(104, 'same', { env: { KEY: 'secret' } })],
			changed: [tenant(103, 'is'), tenant(104, 'same', { env: { KEY: 'other secret' }, port: 9090 })],
		}),
	);
	expect(lines).toEqual([
		'remove  old              id 102',
		'add     new              id 101, /t/new/tenant.yaml',
		'rename  is               it was was',
		'change  same             port, env',
	]);
});

test('more than ten of a kind are counted', () => {
	const many = Array.from({ length: 120 }, (_, index) => tenant(200 + index, `t${index}`));
	expect(changeLines(change({ added: many, removed: many.slice(0, 10) }))).toHaveLength(11);
	expect(changeLines(change({ added: many }))).toEqual(['120 tenants added']);
});

test('nothing taken in is nothing told', () => {
	expect(changeLines(change({}))).toEqual([]);
});
