/** Numbers from 0 below 1 that are the same in every run (Park and Miller 1988). */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48_271) % 2_147_483_647;
		return state / 2_147_483_647;
	};
}

/** Values that no protocol asks for. */
const STRANGE: readonly unknown[] = [
	null,
	true,
	-1,
	0,
	1.5,
	2 ** 53,
	1e308,
	-0,
	'',
	'\0',
	'__proto__',
	'constructor',
	'\u202e\u001b[2J\ud800',
	'x'.repeat(5000),
	[],
	[[]],
	{},
	{ __proto__: null, toString: 1 },
	[null, 'a', 1],
	Array.from({ length: 300 }, (_, index) => index),
];

/**
 * Lines for a reader of JSON documents: good ones, changed in one place or more, cut, doubled, and what is none at all. The same
 * for the same seed.
 */
export function* noise(seed: number, count: number, good: readonly object[]): Generator<Buffer> {
	const random = seeded(seed);
	const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
	const changed = (value: unknown): unknown => {
		if (random() < 0.2 || typeof value !== 'object' || value === null) return one(STRANGE);
		const entries = Object.entries(value);
		if (random() < 0.2) entries.splice(Math.floor(random() * entries.length), 1);
		if (random() < 0.1) entries.push([one(['extra', '__proto__', 'type', 'verb']), one(STRANGE)]);
		const at = Math.floor(random() * entries.length);
		return Object.fromEntries(entries.map(([key, item], index) => [key, index === at ? changed(item) : item]));
	};
	for (let round = 0; round < count; round++) {
		const line = Buffer.from(`${JSON.stringify(changed(one(good)))}\n`);
		const kind = random();
		if (kind < 0.6) yield line;
		else if (kind < 0.7) yield line.subarray(0, Math.floor(random() * line.length));
		else if (kind < 0.8) yield Buffer.concat([line, line, Buffer.from(`${JSON.stringify(one(good))}\n`)]);
		else if (kind < 0.85) yield Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}\n`);
		else if (kind < 0.9) yield Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
		else if (kind < 0.95) {
			line[Math.floor(random() * (line.length - 1))] = 0xff;
			yield line;
		} else yield Buffer.from(`${JSON.stringify(one(STRANGE))}\n`);
	}
}
