/** A setting's place in the plane: MiB on the mean, and the 99th percentile of the added wait in ms. */
export interface Point {
	readonly name: string;
	readonly memory: number;
	readonly p99: number;
}

const WIDTH = 64;
const HEIGHT = 12;
const GUTTER = 8;

/** Memory to the right, waits upwards, both from 0, a letter a point (`*` where several fall together), and what each letter means. */
export function curveOf(points: readonly Point[]): string[] {
	const most = { memory: greatest(points.map(({ memory }) => memory)), p99: greatest(points.map(({ p99 }) => p99)) };
	const plane = Array.from({ length: HEIGHT }, () => new Array<string>(WIDTH).fill(' '));
	for (const [n, { memory, p99 }] of points.entries()) {
		const row = plane[HEIGHT - 1 - place(p99, most.p99, HEIGHT)];
		const column = place(memory, most.memory, WIDTH);
		if (row !== undefined) row[column] = row[column] === ' ' ? letter(n) : '*';
	}
	const labels = new Map([
		[0, most.p99.toFixed(1)],
		[HEIGHT - 1, '0'],
	]);
	return [
		`${'p99, ms'.padStart(GUTTER)} ^`,
		...plane.map((row, n) => `${(labels.get(n) ?? '').padStart(GUTTER)} |${row.join('')}`.trimEnd()),
		`${' '.repeat(GUTTER)} +${'-'.repeat(WIDTH)}> memory, MiB`,
		`${' '.repeat(GUTTER)}  0${most.memory.toFixed(1).padStart(WIDTH - 1)}`,
		...points.map(({ name }, n) => `${' '.repeat(GUTTER)}  ${letter(n)}  ${name}`),
	];
}

/** Which of so many cells a value from 0 to `most` falls into. */
function place(value: number, most: number, cells: number): number {
	return Math.min(cells - 1, Math.floor((value / most) * cells));
}

function letter(n: number): string {
	return String.fromCharCode('a'.charCodeAt(0) + n);
}

/** Never 0, which nothing can be divided by. */
function greatest(values: readonly number[]): number {
	return Math.max(...values, Number.MIN_VALUE);
}
