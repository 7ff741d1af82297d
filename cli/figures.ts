/** A span of time for people, of at most two units: `45ms`, `3.2s`, `5m10s`, `3h2m`, `12d`. */
export function span(ms: number): string {
	if (Math.round(ms) < 1000) return `${Math.round(ms)}ms`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 10) return `${(ms / 1000).toFixed(1)}s`;
	if (seconds < 60) return `${seconds}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return two(minutes, 'm', seconds % 60, 's');
	const hours = Math.floor(minutes / 60);
	if (hours < 48) return two(hours, 'h', minutes % 60, 'm');
	return `${Math.floor(hours / 24)}d`;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
	return `${large}${largeUnit}${small === 0 ? '' : `${small}${smallUnit}`}`;
}

/** Bytes for people, in the units of the config file (K, M, G of 1024); `-` for none. */
export function bytes(count: number): string {
	if (count === 0) return '-';
	const units = ['', 'K', 'M', 'G', 'T'];
	let unit = 0;
	let value = count;
	while (Math.round(value) >= 1024 && unit < units.length - 1) {
		value /= 1024;
		unit += 1;
	}
	return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}
