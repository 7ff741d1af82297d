import type { Arrival, Comer } from './arrival.ts';
import { pareto } from './poisson.ts';

/** How many pages a reader looks at, on the mean. */
const PAGES = 3;

/*
 * Files of a page, and time spent on it, have the tails that SURGE gives them (Barford and Crovella, Generating Representative Web
 * Workloads, SIGMETRICS 1998, table 2). Its scales (one file, one second) are of 1998; these are ours: 8.5 files and 30 s on the mean.
 */
const FILES_SHAPE = 2.43;
const FEWEST_FILES = 5;
const MOST_FILES = 200;
const READING_SHAPE = 1.5;
const SHORTEST_READING_MS = 10_000;
/** Who is silent for half an hour has left: the usual end of a session. */
const LONGEST_READING_MS = 30 * 60_000;

/** A browser asks for a page's files within about a second after the page. */
const FIRST_FILE_MS = 50;
const LAST_FILE_MS = 1000;

/** All requests of one reader, who looks at some pages with pauses between them; the number of pages is geometric. */
export function session(at: number, tenant: number, comer: Comer, random: () => number): Arrival[] {
	const arrivals = page(at, tenant, comer, random);
	let now = at;
	while (random() < 1 - 1 / PAGES) {
		now += Math.min(LONGEST_READING_MS, pareto(SHORTEST_READING_MS, READING_SHAPE, random));
		arrivals.push(...page(now, tenant, comer, random));
	}
	return arrivals;
}

/** The requests of one look at one page. */
export function page(at: number, tenant: number, comer: Comer, random: () => number): Arrival[] {
	const files = Math.min(MOST_FILES, Math.round(pareto(FEWEST_FILES, FILES_SHAPE, random)));
	const file = (): number => at + FIRST_FILE_MS + random() * (LAST_FILE_MS - FIRST_FILE_MS);
	return [{ at, tenant, comer }, ...Array.from({ length: files }, () => ({ at: file(), tenant, comer }))];
}
