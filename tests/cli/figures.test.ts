import { bytes, span } from '../../cli/figures.ts';

test.each([
	[0, '0ms'],
	[999.4, '999ms'],
	[999.6, '1.0s'],
	[3210, '3.2s'],
	[9960, '10s'],
	[59_400, '59s'],
	[59_600, '1m'],
	[310_000, '5m10s'],
	[3_600_000, '1h'],
	[10_920_000, '3h2m'],
	[200_000_000, '2d'],
])('%d ms read %s', (ms, text) => expect(span(ms)).toBe(text));

test.each([
	[0, '-'],
	[500, '500'],
	[1536, '1.5K'],
	[44_040_192, '42M'],
	[3 * 2 ** 30, '3.0G'],
	[1023.9 * 1024, '1.0M'],
])('%d bytes read %s', (count, text) => expect(bytes(count)).toBe(text));
