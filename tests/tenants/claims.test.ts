import { type Claimant, Claims } from '../../tenants/claims.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { made } from './made.ts';

class File implements Claimant {
	readonly file: string;
	inForce: Tenant | undefined;
	candidate: Tenant | undefined;

	constructor(file: string) {
		this.file = file;
	}

	says(tenant: Tenant): this {
		this.candidate = tenant;
		return this;
	}
}

let claims: Claims<File>;
let a: File;
let b: File;
let c: File;
beforeEach(() => {
	claims = new Claims();
	[a, b, c] = [new File('/a'), new File('/b'), new File('/c')];
});

/** Messages of those who wait, by file. */
function settle(...changed: File[]): Record<string, string[]> {
	const { conflicts } = claims.settle(changed);
	return Object.fromEntries([...conflicts].map(([{ file }, found]) => [file, found.map(({ message }) => message)]));
}

test('tenants that share nothing all come into force', () => {
	expect(settle(a.says(made(101)), b.says(made(102)))).toEqual({});
	expect([a.inForce?.id, b.inForce?.id]).toEqual([101, 102]);
	expect([a.candidate, b.candidate]).toEqual([undefined, undefined]);
});

test('of two newcomers the first by path wins, in whatever order they come', () => {
	expect(settle(b.says(made(101)), a.says(made(101)))).toEqual({
		'/b': ['the id 101 is taken by /a', 'the name t101 is taken by /a'],
	});
	expect([a.inForce?.id, b.inForce]).toEqual([101, undefined]);
});

test('who is in force stays, though a newcomer is first by path', () => {
	settle(b.says(made(101, { hosts: ['x.test'] })));
	expect(settle(a.says(made(102, { hosts: ['x.test'] })))).toEqual({ '/a': ['the host x.test is taken by /b'] });
	expect(b.inForce?.id).toBe(101);
});

test('who is in force and changes in the same round keeps what it still wants', () => {
	settle(b.says(made(101, { hosts: ['x.test'] })));
	expect(settle(a.says(made(102, { hosts: ['x.test'] })), b.says(made(101, { hosts: ['x.test'], port: 9 })))).toEqual({
		'/a': ['the host x.test is taken by /b'],
	});
	expect(b.inForce?.port).toBe(9);
});

test('every conflict of a loser is told: id, name, host and address, each by its place', () => {
	const taken = { name: 'x', hosts: ['y.test', 'x.test'], addresses: ['[::1]:25/tcp'] };
	settle(a.says(made(101, taken)));
	const { conflicts } = claims.settle([b.says(made(101, { ...taken, hosts: ['x.test'] }))]);
	expect(conflicts.get(b)).toEqual([
		{ path: ['id'], code: 'duplicate-id', message: 'the id 101 is taken by /a' },
		{ path: ['name'], code: 'duplicate-name', message: 'the name x is taken by /a' },
		{ path: ['hosts', 0], code: 'duplicate-route', message: 'the host x.test is taken by /a' },
		{ path: ['addresses', 0], code: 'duplicate-route', message: 'the address [::1]:25 is taken by /a' },
	]);
});

test('the loser comes into force by itself when the winner goes', () => {
	settle(a.says(made(101)), b.says(made(101)));
	claims.withdraw(a);
	const { adopted } = claims.settle([]);
	expect(adopted).toEqual([{ claimant: b, before: undefined }]);
	expect(b.inForce?.id).toBe(101);
});

test('the loser comes into force by itself when the winner gives up what both want', () => {
	settle(a.says(made(101, { hosts: ['x.test'] })), b.says(made(102, { hosts: ['x.test'] })));
	expect(settle(a.says(made(101)))).toEqual({});
	expect(b.inForce?.id).toBe(102);
});

test('a change that others keep out leaves in force what was', () => {
	settle(a.says(made(101, { hosts: ['x.test'] })), b.says(made(102, { hosts: ['y.test'] })));
	expect(settle(b.says(made(102, { hosts: ['x.test'] })))).toEqual({ '/b': ['the host x.test is taken by /a'] });
	expect(b.inForce?.hosts).toEqual(['y.test']);
	// And what was in force still holds what it claims.
	expect(settle(c.says(made(103, { hosts: ['y.test'] })))).toMatchObject({ '/c': ['the host y.test is taken by /b'] });
});

test('tenants that change together may trade what they have', () => {
	settle(a.says(made(101, { hosts: ['x.test'] })), b.says(made(102, { hosts: ['y.test'] })));
	expect(settle(a.says(made(102, { hosts: ['y.test'] })), b.says(made(101, { hosts: ['x.test'] })))).toEqual({});
	expect([a.inForce?.id, b.inForce?.id]).toEqual([102, 101]);
});

test('a trade that fails for one leaves all in force that it was built on', () => {
	settle(
		a.says(made(101, { hosts: ['x.test'] })),
		b.says(made(102, { hosts: ['y.test'] })),
		c.says(made(103, { hosts: ['z.test'] })),
	);
	// a wants b's host, b wants c's, and c does not move.
	const told = settle(a.says(made(101, { hosts: ['y.test'] })), b.says(made(102, { hosts: ['z.test'] })));
	expect(told).toEqual({
		'/a': ['the host y.test is taken by /b'],
		'/b': ['the host z.test is taken by /c'],
	});
	expect([a, b, c].map(({ inForce }) => inForce?.hosts)).toEqual([['x.test'], ['y.test'], ['z.test']]);
});

test('whatever changes, no two tenants in force share anything, and everybody who could be in force is', () => {
	const files = Array.from({ length: 6 }, (_, index) => new File(`/${index}`));
	let state = 7;
	const random = (below: number): number => {
		state = (state * 48_271) % 2_147_483_647;
		return state % below;
	};
	for (let round = 0; round < 500; round++) {
		const changed = files.filter(() => random(3) === 0);
		for (const file of changed) {
			if (random(5) === 0) claims.withdraw(file);
			else file.says(made(101 + random(5), { hosts: [`h${random(5)}.test`, `k${random(5)}.test`] }));
		}
		claims.settle(changed);
		const all = files.flatMap(({ inForce }) => (inForce === undefined ? [] : [`id ${inForce.id}`, ...inForce.hosts]));
		expect(new Set(all).size).toBe(all.length);
		for (const { inForce, candidate } of files) {
			if (inForce !== undefined || candidate === undefined) continue;
			expect([`id ${candidate.id}`, ...candidate.hosts].some((claim) => all.includes(claim))).toBe(true);
		}
	}
});

test('an address of the server itself is nobody’s until the server gives it up', () => {
	const addresses = ['127.0.0.1:8080/tcp'];
	claims.reserve([{ address: '127.0.0.1', port: 8080 }]);
	expect(settle(a.says(made(101, { addresses })))).toEqual({
		'/a': ['the address 127.0.0.1:8080 is taken by listen.http of the config'],
	});
	expect(a.inForce).toBeUndefined();
	claims.reserve([{ address: '127.0.0.1', port: 8081 }]);
	expect(settle()).toEqual({});
	expect(a.inForce?.id).toBe(101);
});
