import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { mayEnter } from '../../tenants/access.ts';

/** What a VPS must see although its user may not enter a folder above it; the keeper covers `veil` and shows only `reveal` below it. */
export interface Veil {
	readonly veil: readonly string[];
	readonly reveal: readonly string[];
}

/**
 * The veil for a user that needs these paths (absolute, links resolved): the first folder above each that the user may not enter
 * is covered by an empty one in which only the needed path stands. Empty where the user can reach all of them. A clone under
 * /root or a folder of mktemp(1) is the usual case.
 */
export function veilFor(uid: number, gid: number, needed: readonly string[], stat: typeof statSync = statSync): Veil {
	const veil = new Set<string>();
	const reveal = new Set<string>();
	for (const path of needed) {
		const closed = foldersAbove(path).find((folder) => !mayEnter(stat(folder), { uid, gid }));
		if (closed === undefined) continue;
		veil.add(closed);
		reveal.add(path);
	}
	const covers = [...veil].filter((folder) => ![...veil].some((above) => folder.startsWith(`${above}/`)));
	const shown = [...reveal].filter((path) => ![...reveal].some((above) => path.startsWith(`${above}/`)));
	return { veil: covers, reveal: shown };
}

/** From the root down, the path itself left out. */
function foldersAbove(path: string): string[] {
	const folders: string[] = [];
	for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) folders.unshift(folder);
	return folders;
}
