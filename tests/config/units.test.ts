import { formatDuration, formatSize, LONGEST_DURATION, parseDuration, parseSize } from '../../config/units.ts';

test.each([
	['500ms', 500],
	['10s', 10_000],
	['5m', 300_000],
	['1h', 3_600_000],
	['1d', 86_400_000],
	['0s', 0],
	['24d', LONGEST_DURATION],
])('%s is a duration of %d ms', (text, ms) => {
	expect(parseDuration(text)).toBe(ms);
});

test.each(['', '10', '1.5h', '-1s', '10 s', '10S', 's', '1h30m', '25d', '1e3s', '9999999999999999d', ' 1s'])(
	'%j is no duration',
	(text) => {
		expect(parseDuration(text)).toBeUndefined();
	},
);

test.each([
	['512', 512],
	['16K', 16_384],
	['64M', 67_108_864],
	['1G', 1_073_741_824],
	['0', 0],
])('%s is a size of %d bytes', (text, bytes) => {
	expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'K', '1k', '1KB', '1.5G', '-1', '1 M', '9007199254740993', '9999999999999999G'])(
	'%j is no size',
	(text) => {
		expect(parseSize(text)).toBeUndefined();
	},
);

test('what is formatted is read again as the same, whatever the number', () => {
	for (const number of someNumbers(2000)) {
		const ms = number % (LONGEST_DURATION + 1);
		expect(parseDuration(formatDuration(ms))).toBe(ms);
		expect(parseSize(formatSize(number))).toBe(number);
	}
});

test('the largest unit that fits is used, so that 60000 ms is 1m and 90 s is 90s', () => {
	expect([60_000, 90_000, 3_600_000, 1500].map(formatDuration)).toEqual(['1m', '90s', '1h', '1500ms']);
	expect([16_384, 1000, 2 ** 30].map(formatSize)).toEqual(['16K', '1000', '1G']);
});

/** Small and large, round and not, the same in every run. */
function someNumbers(count: number): number[] {
	let state = 1;
	return Array.from({ length: count }, (_, index) => {
		state = (state * 48_271) % 2_147_483_647;
		const factor = [1, 1000, 60_000, 1024, 3_600_000, 2 ** 20][index % 6] ?? 1;
		return (state % 5000) * factor;
	});
}
