import { limitOf, saturationNote, shortfallNote } from '../../../bench/method/saturation.ts';

test.each([
	[{ proxy: 0.97, generator: 0.5, upstream: 0.49 }, 'proxy'],
	[{ proxy: 0.8, generator: 0.6, upstream: 0.38 }, 'generator'],
	[{ proxy: 0.8, generator: 0.3, upstream: 0.66 }, 'upstream'],
	[{ proxy: 0.8, generator: 0.4, upstream: 0.2 }, 'none'],
])('of %j the limit is: %s', (shares, limit) => {
	expect(limitOf(shares)).toBe(limit);
});

test('a rate that the proxy limited needs no remark, any other says what it was', () => {
	expect(saturationNote(['proxy', 'proxy', 'generator'])).toBeUndefined();
	expect(saturationNote(['generator', 'generator'])).toBe('the generator was the limit, not the proxy');
	expect(saturationNote(['none', 'proxy', 'none'])).toBe('no CPU was full in 2 of 3 rounds: waiting was the limit');
	expect(saturationNote([])).toBeUndefined();
});

test('a fixed rate counts as kept down to 98 %', () => {
	expect(shortfallNote(1000, 980)).toBeUndefined();
	expect(shortfallNote(1000, 979)).toBe('979 of 1000 requests a second were sent');
});
