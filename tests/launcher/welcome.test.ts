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
	expect(urlsToTry(tenants, listen)).toEqual(['http://hello.localhost:8080/', 'tcp://127.0.5.1:7000']);
	expect(urlsToTry(tenants.slice(0, 1), [{ address: '127.0.0.1', port: 80 }])).toEqual(['http://hello.localhost/']);
	expect(urlsToTry(tenants.slice(0, 1), [])).toEqual([]);
});

test('a house of many tenants invites to a few', () => {
	expect(urlsToTry(Array(1000).fill(tenant(['a.localhost'])), listen)).toHaveLength(12);
});
