import { seededRandom } from '../../method/statistics.ts';
import { type Arrival, inOrder } from './arrival.ts';
import { pause, poissonTimes } from './poisson.ts';
import { page, session } from './session.ts';
import { zipf } from './zipf.ts';

export const DAY_MS = 86_400_000;

/** Tenants and who comes to them in a day. Times in ms. */
export interface Population {
	readonly tenants: number;
	/** How unevenly readers choose among tenants (zipf.ts). */
	readonly exponent: number;
	/** Readers a day, all tenants together. */
	readonly readers: number;
	/** How far the rate of readers swings above and below its mean, 0 to 1: a day of a sine, the simplest that has night and evening. */
	readonly swing: number;
	/** When most readers come. */
	readonly peak: number;
	/** Crowds a day: somebody shares a link to a page of a tenant that hardly anybody visits, and many look at it. */
	readonly crowds: number;
	readonly crowdSize: number;
	/** The mean time between the link and a visitor's arrival; arrivals fall off exponentially. */
	readonly crowdLasts: number;
	/** Walks of a scanner a day, over all tenants in an order of its own, a request each. */
	readonly scans: number;
	readonly scanPause: number;
	/** Tenants whose owners have them watched by a monitor, a request at each interval, and up to so much late. */
	readonly monitored: number;
	readonly monitorEvery: number;
	readonly monitorLate: number;
}

/** A small host: a thousand sites of which few are busy. Scanners and monitors come as their own logs have it: minutes, not days, apart. */
export const smallHost: Population = {
	tenants: 1000,
	exponent: 1,
	readers: 10_000,
	swing: 0.6,
	peak: 20 * 3_600_000,
	crowds: 12,
	crowdSize: 200,
	crowdLasts: 30_000,
	scans: 8,
	scanPause: 500,
	monitored: 50,
	monitorEvery: 300_000,
	monitorLate: 2000,
};

/** Every request of one day from midnight on, in order; the same for the same seed. Who comes too late in the evening is cut off at midnight. */
export function dayOf(population: Population, seed: number): Arrival[] {
	// Each kind has random numbers of its own: more crowds do not change the readers.
	const arrivals = [readersOf, crowdsOf, scansOf, monitorsOf].flatMap((kind, n) =>
		kind(population, randomStream(seed, n)),
	);
	return inOrder(arrivals.filter(({ at }) => at < DAY_MS));
}

/** One of several sequences for one seed. Small seeds begin with small numbers, so they are spread over all 32 bits (Knuth's multiplicative hash). */
function randomStream(seed: number, n: number): () => number {
	return seededRandom(Math.imul(seed * 4 + n + 1, 0x9e3779b1));
}

/** Readers a ms at a time of the day. */
export function readerRate({ readers, swing, peak }: Population, at: number): number {
	return (readers / DAY_MS) * (1 + swing * Math.cos((2 * Math.PI * (at - peak)) / DAY_MS));
}

function readersOf(population: Population, random: () => number): Arrival[] {
	const choose = zipf(population.tenants, population.exponent);
	const highest = readerRate(population, population.peak);
	const times = poissonTimes((at) => readerRate(population, at), highest, DAY_MS, random);
	return times.flatMap((at) => session(at, choose(random), 'reader', random));
}

function crowdsOf({ tenants, crowds, crowdSize, crowdLasts }: Population, random: () => number): Arrival[] {
	return Array.from({ length: crowds }).flatMap(() => {
		const shared = random() * DAY_MS;
		// Of the less popular half: its tenants sleep nearly all the time.
		const tenant = Math.floor(tenants * (0.5 + random() / 2));
		return Array.from({ length: crowdSize }).flatMap(() =>
			page(shared + pause(1 / crowdLasts, random), tenant, 'crowd', random),
		);
	});
}

function scansOf({ tenants, scans, scanPause }: Population, random: () => number): Arrival[] {
	return Array.from({ length: scans }).flatMap(() => {
		const began = random() * DAY_MS;
		return shuffled(tenants, random).map(
			(tenant, n): Arrival => ({ at: began + n * scanPause, tenant, comer: 'scanner' }),
		);
	});
}

function monitorsOf({ tenants, monitored, monitorEvery, monitorLate }: Population, random: () => number): Arrival[] {
	return shuffled(tenants, random)
		.slice(0, monitored)
		.flatMap((tenant) => {
			const phase = random() * monitorEvery;
			const looks = Math.ceil((DAY_MS - phase) / monitorEvery);
			return Array.from({ length: looks }, (_, n): Arrival => {
				return { at: phase + n * monitorEvery + random() * monitorLate, tenant, comer: 'monitor' };
			});
		});
}

/** The numbers below `count` in any order (Fisher and Yates). */
function shuffled(count: number, random: () => number): number[] {
	const numbers = Array.from({ length: count }, (_, n) => n);
	for (let last = count - 1; last > 0; last--) {
		const other = Math.floor(random() * (last + 1));
		[numbers[last], numbers[other]] = [numbers[other] ?? 0, numbers[last] ?? 0];
	}
	return numbers;
}
