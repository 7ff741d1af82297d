import { page, session } from '../../../../bench/load/arrivals/session.ts';
import { seededRandom } from '../../../../bench/method/statistics.ts';

describe('a session', () => {
	test('is a page and its files within a second, for a mean of three pages and 9.5 requests a page', () => {
		const random = seededRandom(123_457);
		const sessions = Array.from({ length: 3000 }, () => session(0, 7, 'reader', random));
		const requests = sessions.reduce((sum, each) => sum + each.length, 0) / sessions.length;
		expect(requests).toBeGreaterThan(26);
		expect(requests).toBeLessThan(31);
		expect(sessions.every((each) => each.every(({ at, tenant }) => at >= 0 && tenant === 7))).toBe(true);
	});

	test('of one page is over in a second, the page first', () => {
		const [first, ...files] = page(1000, 3, 'crowd', seededRandom(123_457));
		expect(first).toEqual({ at: 1000, tenant: 3, comer: 'crowd' });
		expect(files.length).toBeGreaterThanOrEqual(5);
		expect(files.every(({ at }) => at > 1000 && at <= 2000)).toBe(true);
	});
});
