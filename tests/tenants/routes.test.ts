import { Routes } from '../../tenants/routes.ts';
import { cpuTime } from '../cputime.ts';
import { made } from './made.ts';

const exact = made(101, { hosts: ['a.example', 'b.example'] });
const shorter = made(102, { hosts: ['*.example'] });
const longer = made(103, { hosts: ['*.a.example'] });
const all = made(104, { hosts: ['*'] });
const address = made(105, { addresses: ['127.0.5.1:25/tcp', '[::1]:80/http'] });

const routes = new Routes();
for (const tenant of [all, shorter, exact, longer, address]) routes.add(tenant);

test.each([
	['host:a.example', 101, 'exact beats wildcard'],
	['host:x.a.example', 103, 'the longer wildcard beats the shorter'],
	['host:x.y.a.example', 103, 'a wildcard stands for any number of labels'],
	['host:x.b.example', 102, 'an exact host is none for its subdomains'],
	['host:example', 104, 'a wildcard stands for one label at least'],
	['host:elsewhere.test', 104, '* is last'],
	['host:', 104, 'a visitor without a host is *’s'],
	['address:127.0.5.1:25', 105, 'an address is its tenant’s'],
	['address:::1:80', 105, 'an IPv6 address too'],
])('%s leads to %d: %s', (key, id) => {
	expect(routes.find(key)?.id).toBe(id);
});

test('an address that is nobody’s is not *’s', () => {
	expect(routes.find('address:127.0.5.1:26')).toBeUndefined();
});

test('what is not lower case, or is no key, leads nowhere', () => {
	const few = new Routes();
	few.add(exact);
	for (const key of ['host:A.example', 'a.example', 'host:a.example.', 'host:__proto__', '*', '']) {
		expect(few.find(key)).toBeUndefined();
	}
});

test('a removed tenant’s routes lead to whoever is next', () => {
	const changing = new Routes();
	for (const tenant of [shorter, exact, all]) changing.add(tenant);
	changing.remove(exact);
	expect(changing.find('host:a.example')?.id).toBe(102);
	changing.remove(shorter);
	expect(changing.find('host:a.example')?.id).toBe(104);
	changing.remove(all);
	expect(changing.find('host:a.example')).toBeUndefined();
});

test('adding and removing name the keys whose answers may be others now; a wildcard names all', () => {
	const changing = new Routes();
	expect(changing.add(exact)).toEqual(['host:a.example', 'host:b.example']);
	expect(changing.remove(exact)).toEqual(['host:a.example', 'host:b.example']);
	expect(changing.add(address)).toEqual(['address:127.0.5.1:25', 'address:::1:80']);
	expect(changing.add(shorter)).toEqual(['*']);
	expect(changing.remove(shorter)).toEqual(['*']);
	expect(changing.add(all)).toEqual(['*']);
});

test('a lookup does not grow with the number of tenants', () => {
	const few = new Routes();
	const many = new Routes();
	for (let id = 200; id < 300; id++) few.add(made(id, { hosts: [`*.t${id}.example`] }));
	const tenants = Array.from({ length: 100 }, (_, index) => made(200 + index));
	for (let id = 0; id < 100_000; id++) many.add({ ...(tenants[id % 100] ?? all), hosts: [`*.t${id}.example`] });
	const ratio = Math.min(...Array.from({ length: 5 }, () => timed(many) / timed(few)));
	expect(ratio).toBeLessThan(10);
});

function timed(routes: Routes): number {
	return cpuTime(() => {
		for (let index = 0; index < 50_000; index++) routes.find('host:www.nobody.t250.example.test');
	});
}
