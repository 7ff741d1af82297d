import { urlsToTry } from '../../launcher/welcome.ts';
import type { Tenant } from '../../tenants/tenant.ts';

const listen = [{ address: '127.0.0.1', port: 8080 }];

function tenant(hosts: string[], addresses: Tenant['addresses'] = []): Tenant {
	return { hosts, addresses } as unknown as Tenant;
}

test('hosts under .localhost and loopback addresses can be tried, others cannot', () => {
	const tenants = [
		tenant(['*.hello.localhost', 'hello.localhost']),
		tenant(['hello.example']),
		tenant([], [{ address: '127.0.5.1', port: 7000, kind: 'tcp' }]),
	];
	expect(urlsToTry(tenants, listen, () => true)).toEqual(['http://hello.localhost:8080/', 'tcp://127.0.5.1:7000']);
	expect(urlsToTry(tenants.slice(0, 1), [{ address: '127.0.0.1', port: 80 }], () => true)).toEqual([
		'http://hello.localhost/',
	]);
	expect(urlsToTry(tenants.slice(0, 1), [], () => true)).toEqual([]);
});

test('a house of many tenants invites to a few', () => {
	expect(urlsToTry(Array(1000).fill(tenant(['a.localhost'])), listen, () => true)).toHaveLength(12);
});

test('nobody is invited to an address at which nobody listens', () => {
	const mail = tenant(['mail.localhost'], [{ address: '127.0.5.1', port: 25, kind: 'tcp' }]);
	expect(urlsToTry([mail], listen, () => false)).toEqual(['http://mail.localhost:8080/']);
});
