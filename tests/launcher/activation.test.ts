import { activationHere } from '../../launcher/activation.ts';
import type { Tenant } from '../../tenants/tenant.ts';

function here(activation: Tenant['activation'], means: { adopts: boolean; hall: boolean }): [string, number] {
	const told: string[] = [];
	const tenant = activationHere(
		{ name: 'one', port: 8080, addresses: [], activation } as unknown as Tenant,
		{ doors: true, ...means },
		(line) => told.push(line),
	);
	return [tenant.activation, told.length];
}

describe('activation', () => {
	test('is the file’s where the machine can do it, and nothing is told', () => {
		expect(here('adopt', { adopts: true, hall: true })).toEqual(['adopt', 0]);
		expect(here('adopt', { adopts: true, hall: false })).toEqual(['adopt', 0]);
		expect(here('port', { adopts: true, hall: false })).toEqual(['port', 0]);
		expect(here('listen-fds', { adopts: false, hall: true })).toEqual(['listen-fds', 0]);
	});

	test('adopt becomes port without seccomp notification, and a line says so', () => {
		expect(here('adopt', { adopts: false, hall: false })).toEqual(['port', 1]);
	});

	test('port becomes adopt where edges are in a hall, and a line says so', () => {
		expect(here('port', { adopts: true, hall: true })).toEqual(['adopt', 1]);
	});
});

test('where no door can be shut, a tenant with a readiness and an address is told of', () => {
	const told: string[] = [];
	const tenant = {
		name: 'db',
		activation: 'adopt',
		readiness: 'notify',
		addresses: [{ kind: 'tcp' }],
	} as unknown as Tenant;
	for (const doors of [true, false]) {
		activationHere(tenant, { adopts: true, hall: true, doors }, (line) => told.push(line));
	}
	expect(told).toEqual(['db: without root and cgroups its first visitors may meet it before it is ready']);
});
