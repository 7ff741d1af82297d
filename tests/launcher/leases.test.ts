import { Leases } from '../../launcher/leases.ts';
import { vpsId } from '../../tenants/ids.ts';

const tenant = vpsId(101);
const other = vpsId(102);
let leases: Leases;

beforeEach(() => {
	leases = new Leases();
});

test('taking a lease twice is taking it once', () => {
	leases.take(1, tenant, 7);
	leases.take(1, tenant, 7);
	expect(leases.count(tenant, 7)).toBe(1);
	expect(leases.release(1, tenant, 7)).toBe(true);
	expect(leases.count(tenant, 7)).toBe(0);
});

test('each worker has a lease of its own on the same instance', () => {
	leases.take(1, tenant, 7);
	leases.take(2, tenant, 7);
	leases.release(1, tenant, 7);
	expect(leases.count(tenant, 7)).toBe(1);
});

test('a release names the instance: one of an older instance ends nothing', () => {
	leases.take(1, tenant, 8);
	expect(leases.release(1, tenant, 7)).toBe(false);
	expect(leases.count(tenant, 8)).toBe(1);
});

test('releasing what is not held is told apart', () => {
	expect(leases.release(1, tenant, 7)).toBe(false);
	leases.take(1, tenant, 7);
	expect(leases.release(2, tenant, 7)).toBe(false);
});

test('the end of an instance ends all leases on it and no others', () => {
	leases.take(1, tenant, 7);
	leases.take(2, tenant, 7);
	leases.take(1, other, 9);
	expect(leases.end(tenant, 7)).toBe(true);
	expect(leases.end(tenant, 7)).toBe(false);
	expect(leases.of(1)).toEqual([{ id: other, instance: 9 }]);
	expect(leases.of(2)).toEqual([]);
});

test('what a worker does not repeat is missing', () => {
	leases.take(1, tenant, 7);
	leases.take(1, other, 9);
	expect(leases.missing(1, [{ id: 102, instance: 9 }])).toEqual([{ id: tenant, instance: 7 }]);
	expect(
		leases.missing(1, [
			{ id: 101, instance: 6 },
			{ id: 102, instance: 9 },
		]),
	).toEqual([{ id: tenant, instance: 7 }]);
});

test('the book is complete once every awaited worker was heard of', () => {
	expect(leases.complete).toBe(true);
	leases.await([1, 2]);
	expect(leases.complete).toBe(false);
	expect(leases.heardOf(1)).toBe(false);
	expect(leases.heardOf(1)).toBe(false);
	expect(leases.heardOf(3)).toBe(false);
	expect(leases.heardOf(2)).toBe(true);
	expect(leases.complete).toBe(true);
});

test('two instances of a tenant have a page each', () => {
	leases.take(1, tenant, 7);
	leases.take(1, tenant, 8);
	expect(leases.of(1)).toHaveLength(2);
	expect(leases.end(tenant, 7)).toBe(true);
	expect([leases.count(tenant, 7), leases.count(tenant, 8)]).toEqual([0, 1]);
});
