import { timestamp } from '../../launcher/timestamp.ts';

/** A moment as a machine in that time zone has it; `minutes` east of Greenwich. */
function there(minutes: number): Date {
	return Object.assign(new Date('2026-11-30T23:30:05.999Z'), { getTimezoneOffset: () => -minutes });
}

test.each([
	[0, '2026-11-30T23:30:05+00:00'],
	[60, '2026-12-01T00:30:05+01:00'],
	[-210, '2026-11-30T20:00:05-03:30'],
	[345, '2026-12-01T05:15:05+05:45'],
])('%i minutes east of Greenwich it is %s', (minutes, text) => {
	expect(timestamp(there(minutes))).toBe(text);
	expect(new Date(text).getTime()).toBe(Date.parse('2026-11-30T23:30:05Z'));
});
