import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration } from '../../config/units.ts';
import { House } from '../../tests/system/house.ts';
import type { Bench } from '../bench.ts';
import type { About, Figure } from '../figure.ts';
import type { Arrival } from '../load/arrivals/arrival.ts';
import { dayOf, smallHost } from '../load/arrivals/day.ts';
import { fullestWindow, windowOf } from '../load/arrivals/window.ts';
import { hostOf, staticTenants } from '../load/tenants.ts';
import { failures, look, type Sight } from '../load/visitor.ts';
import { pssOfAll } from '../method/pss.ts';
import { quantile } from '../method/statistics.ts';
import { compile } from '../programs.ts';
import { measureCosts } from '../tune/costs.ts';
import { type Ladder, rungs } from '../tune/ladder.ts';
import { simulate } from '../tune/simulate.ts';
import { STARTS_AT_ONCE } from '../tune/tune.ts';

/** So many times as fast as the day does time pass; idle timers run as much faster. */
const FASTER = 60;
const HOUR_MS = 3_600_000;
/** A usual choice; at this pace 5 s, which is more than a lease lingers. */
const STOP_MS = 5 * 60_000;
const SEED = 1;
const LOOK_EVERY_MS = 1000;

/** How far (in percent of all requests) the simulation of `tune` may be from what happens. */
const PREDICTED_WITHIN = 5;

/**
 * The fullest hour of a generated day (readers, a crowd, a scanner, monitors) at a thousand sleeping tenants, in a minute. Requests are
 * made by this process, each on a connection of its own: some hundred a second are little for it.
 */
export async function replay(bench: Bench): Promise<void> {
	const length = bench.quick ? HOUR_MS / 3 : HOUR_MS;
	const day = dayOf(smallHost, SEED);
	const arrivals = windowOf(day, fullestWindow(day, length), length, FASTER);
	const [measured] = await measureCosts(bench, ['static C'], 20);
	const staticProgram = await compile('static', bench.folder);
	const house = await House.start({
		config: { debugHeaders: true },
		tenants: staticTenants(smallHost.tenants, staticProgram, { idle: { stop: formatDuration(STOP_MS / FASTER) } }),
	});
	try {
		const watch = new Watch(house);
		const sights = await play(arrivals, house, (text) => bench.progress(text));
		const found = await watch.end();
		reportSights(bench, sights, found);
		if (measured !== undefined && 'ladder' in measured)
			reportPrediction(bench, arrivals, sights, length, measured.ladder);
		await house.stop();
	} finally {
		await house.discard();
	}
}

/** Visits at the times of the trace, whatever became of those before. */
async function play(arrivals: readonly Arrival[], house: House, progress: (text: string) => void): Promise<Sight[]> {
	const began = performance.now();
	const looks: Promise<Sight>[] = [];
	for (const [n, { at, tenant }] of arrivals.entries()) {
		const early = at - (performance.now() - began);
		if (early > 1) await delay(early);
		if (n % 500 === 0) progress(`an hour in a minute: request ${n} of ${arrivals.length}`);
		looks.push(look(house.port, hostOf(tenant)));
	}
	return Promise.all(looks);
}

interface Found {
	readonly running: readonly number[];
	/** MiB, of tenants and of the house's own processes. */
	readonly tenants: readonly number[];
	readonly house: readonly number[];
	readonly launches: number;
}

/** Looks once a second how many tenants run, and what they and the house take. */
class Watch {
	readonly #house: House;
	readonly #running: number[] = [];
	readonly #tenants: number[] = [];
	readonly #own: number[] = [];
	readonly #done: Promise<void>;
	#over = false;

	constructor(house: House) {
		this.#house = house;
		this.#done = this.#watch();
	}

	async end(): Promise<Found> {
		this.#over = true;
		await this.#done;
		const launches = (await this.#house.ps()).reduce((sum, { wakes }) => sum + wakes, 0);
		return { running: this.#running, tenants: this.#tenants, house: this.#own, launches };
	}

	async #watch(): Promise<void> {
		while (!this.#over) {
			const rows = await this.#house.ps();
			const pids = new Set(rows.flatMap((row) => row.pids));
			this.#running.push(rows.filter((row) => row.pids.length > 0).length);
			this.#tenants.push(pssOfAll([...pids]));
			const own = this.#house.processes().filter(({ pid }) => !pids.has(pid));
			this.#own.push(pssOfAll(own.map(({ pid }) => pid)));
			await delay(LOOK_EVERY_MS);
		}
	}
}

const group = 'an hour of 1,000 tenants, in a minute';

function about(measure: string, unit: string, better: About['better']): About {
	return { bench: 'churn', group, subject: 'innkeeper', measure, unit, better };
}

function reportSights(bench: Bench, sights: readonly Sight[], found: Found): void {
	const wrong = failures(sights.map(({ outcome }) => outcome));
	bench.report({
		...about('errors', '', 'less'),
		value: sights.filter(({ outcome }) => outcome !== '200').length,
		budget: { atMost: 0 },
		note: `${sights.length} requests${wrong === undefined ? '' : `: ${wrong}`}`,
	});
	for (const figure of rungFigures('ready', 'none', sights)) bench.report(figure);
	for (const { name } of rungs.filter((rung) => rung.name !== 'stopped')) {
		bench.report({ ...about(`met ${name}`, '%', 'neither'), value: undefined, note: 'not built yet' });
	}
	for (const figure of rungFigures('stopped', 'start', sights)) bench.report(figure);
	bench.report({ ...about('launches', '', 'less'), value: found.launches });
	for (const [measure, unit, values] of [
		['running tenants', '', found.running],
		['memory of tenants', 'MiB', found.tenants],
		['memory of the house', 'MiB', found.house],
	] as const) {
		bench.report({ ...about(`${measure}, mean`, unit, 'less'), value: mean(values) });
		bench.report({ ...about(`${measure}, peak`, unit, 'less'), value: Math.max(...values) });
	}
}

/** The share of requests that met a rung, and how long their answers took, whole. */
function rungFigures(rung: string, wake: string, sights: readonly Sight[]): Figure[] {
	const times = Float64Array.from(sights.filter((sight) => sight.wake === wake).map(({ ms }) => ms)).sort();
	const share: Figure = { ...about(`met ${rung}`, '%', 'neither'), value: (100 * times.length) / sights.length };
	if (times.length === 0) return [share];
	const times_ = (
		[
			['p50', 0.5],
			['p99', 0.99],
			['max', 1],
		] as const
	).map(([measure, part]): Figure => {
		return { ...about(`${measure}, met ${rung}`, 'ms', 'less'), value: quantile(times, part) };
	});
	return [share, ...times_];
}

/** What `tune` would have said of this very trace, against what happened. */
function reportPrediction(
	bench: Bench,
	arrivals: readonly Arrival[],
	sights: readonly Sight[],
	length: number,
	ladder: Ladder,
): void {
	const setting = { name: 'stop 5m', idle: { stop: STOP_MS / FASTER } };
	const world = { tenants: smallHost.tenants, length: length / FASTER, ladder, startsAtOnce: STARTS_AT_ONCE };
	const predicted = (100 * simulate(arrivals, setting, world).met.ready) / arrivals.length;
	const happened = (100 * sights.filter(({ wake }) => wake === 'none').length) / sights.length;
	bench.report({ ...about('met ready, as tune predicts', '%', 'neither'), value: predicted });
	bench.report({
		...about('prediction off by', '%', 'less'),
		value: Math.abs(predicted - happened),
		budget: { atMost: PREDICTED_WITHIN },
		note: 'of all requests',
	});
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
