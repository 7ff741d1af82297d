/** A time as people read it in a log, which programs can read, too: ISO 8601 to the second, `2026-11-30T18:40:24+01:00`. */
export function timestamp(at: Date): string {
	const offset = -at.getTimezoneOffset();
	const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 19);
	return `${local}${offset < 0 ? '-' : '+'}${twoDigits(Math.abs(offset) / 60)}:${twoDigits(Math.abs(offset) % 60)}`;
}

function twoDigits(value: number): string {
	return String(Math.floor(value)).padStart(2, '0');
}
