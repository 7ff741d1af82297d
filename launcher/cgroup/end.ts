import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House } from '../house.ts';

/** Kills every VPS at once (cgroup.kill, cgroups(7)): the keeper is dead, and nobody else would. Does nothing without cgroups. */
export function killHouse(house: Pick<House, 'cgroup'>): void {
	if (house.cgroup === undefined) return;
	try {
		for (const name of readdirSync(house.cgroup)) {
			if (name.startsWith('vps-')) writeFileSync(join(house.cgroup, name, 'cgroup.kill'), '1');
		}
	} catch {
		// What is gone already needs no killing; the next `serve` sweeps what is left.
	}
}
