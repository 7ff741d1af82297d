import type { GuardedHouse } from './house.ts';
import { threadsOf } from './proc.ts';
import { type Call, callsDuring } from './strace.ts';

/** Who made a call. `child`: what the keeper makes of itself on the way to be a tenant's program, up to its exec. */
export type Actor = 'edge' | 'launcher' | 'keeper' | 'child';

/** The calls of each while something went on. */
export type Cast = Readonly<Record<Actor, readonly Call[]>>;

/** Traces edge, launcher, keeper and its children while `body` runs. What tenants' programs do is theirs, and left out. */
export async function castDuring({ edge, launcher, keeper }: GuardedHouse, body: () => Promise<void>): Promise<Cast> {
	const calls = await callsDuring([edge, launcher, keeper], body);
	const actors = new Map<number, Actor>();
	for (const [actor, pid] of Object.entries({ edge, launcher, keeper })) {
		for (const thread of threadsOf(pid)) actors.set(thread, actor as Actor);
	}
	const cast: Record<Actor, Call[]> = { edge: [], launcher: [], keeper: [], child: [] };
	const programs = new Set<number>();
	for (const call of calls) {
		if (programs.has(call.thread)) continue;
		cast[actors.get(call.thread) ?? 'child'].push(call);
		if (call.name === 'execve' && call.result === '0') programs.add(call.thread);
	}
	return cast;
}

/** How many processes were made: clones that are no threads. */
export function births(cast: Cast): number {
	const calls = Object.values(cast).flat();
	return calls.filter(({ name, words }) => /^(clone3?|v?fork)$/.test(name) && !words.includes('CLONE_THREAD')).length;
}
