import type { Run } from '../run.ts';

/** What differs between two runs that is not the code, and what else makes them hard to compare: a line for people each. */
export function differences(a: Run, b: Run): string[] {
	const warnings: string[] = [];
	const say = (what: string, inA: unknown, inB: unknown): void => {
		if (inA !== inB) warnings.push(`${what}: ${inA ?? 'none'} and ${inB ?? 'none'}`);
	};
	const [one, other] = [a.environment, b.environment];
	say('quick', a.quick, b.quick);
	for (const what of ['cpu', 'cpus', 'memoryBytes', 'kernel', 'governor', 'clockSource', 'user'] as const)
		say(what, one[what], other[what]);
	for (const table of ['versions', 'variables', 'mitigations'] as const)
		for (const name of new Set([...Object.keys(one[table]), ...Object.keys(other[table])]))
			say(table === 'versions' ? name : `${table}, ${name}`, one[table][name], other[table][name]);
	for (const [which, run] of [
		['A', a],
		['B', b],
	] as const) {
		const noisy = run.noise.filter((noise) => noise.noisy).map(({ bench }) => bench);
		if (noisy.length > 0) warnings.push(`the machine was noisy in ${which} during ${noisy.join(', ')}`);
		if (run.broken.length > 0) warnings.push(`broken in ${which}: ${run.broken.map(({ bench }) => bench).join(', ')}`);
	}
	return warnings;
}
