import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.ts';
import type { User } from './keeper.ts';

/** What edges run of the program, from its folder; what is not there is looked over (a clone has files.ts, a package files.js). */
const EDGE_PROGRAM = ['proxy', 'launcher/protocol', 'launcher/leaseclient.ts', 'launcher/leaseclient.js'];

/**
 * Throws a Failure where the edges' user may not read their program or Node: a clone or an installation made under a umask of 077,
 * or a pull that wrote single files so. `program`: the folder of proxy/; `packageFolder`: what is to be opened; `node`: its binary.
 */
export function refuseClosedProgram(user: User, program: string, packageFolder: string, node: string): void {
	const parts = EDGE_PROGRAM.map((part) => join(program, part)).filter((part) => statOf(part) !== undefined);
	const closed = [...parts.flatMap(withAllBelow), node].find((path) => !mayRead(path, path === node ? 0o5 : 0o4, user));
	if (closed === undefined) return;
	throw new Failure(`${closed} cannot be read by user ${user.uid}, as whom the edges run`, [
		closed === node ? `chmod go+rx '${node}'` : `chmod -R go+rX '${packageFolder}'`,
		'A umask of 077 writes files that only their owner can read.',
	]);
}

function withAllBelow(path: string): string[] {
	if (!statSync(path).isDirectory()) return [path];
	return [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))];
}

/** `needed`: bits as others have them; folders need x too. */
function mayRead(path: string, needed: number, { uid, gid }: User): boolean {
	const stat = statOf(path);
	if (stat === undefined) return true;
	const bits = stat.isDirectory() ? 0o5 : needed;
	const shift = stat.uid === uid ? 6 : stat.gid === gid ? 3 : 0;
	return ((stat.mode >> shift) & bits) === bits;
}

function statOf(path: string): Stats | undefined {
	return statSync(path, { throwIfNoEntry: false });
}
