import type { About } from '../figure.ts';

/** True of what the same costs without anybody in the way: `floor`, `floor, …`, or `direct` to the tenant. */
export function isFloor({ subject }: About): boolean {
	return /^(floor|direct)\b/.test(subject);
}

/** True of Innkeeper, however it is set up: `innkeeper`, `innkeeper, sandboxed`. */
export function isOwn({ subject }: About): boolean {
	return /^innkeeper\b/.test(subject);
}
