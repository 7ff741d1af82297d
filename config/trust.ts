import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FaultCode } from './fault.ts';

/** Where a path leads once its links are resolved, or why it is not to be trusted. */
export type Verdict =
	| { readonly real: string; readonly stats: Stats }
	/** `absent`: there is nothing at the path, not even a link. */
	| { readonly code: FaultCode; readonly message: string; readonly absent: boolean };

/** As many links as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * The trust rule: a file counts only if it and every folder on the way to it, links resolved, can be written by root or the
 * server's user alone; a sticky folder of root's, as /tmp, counts as such, because nobody can replace what others own in it.
 * It goes by owners and mode bits; ACLs are not looked at. What it found of folders it remembers: use one for one reading.
 */
export class Trust {
	readonly #uid: number;
	readonly #folders = new Map<string, Verdict>();

	/** `uid`: the server's user. */
	constructor(uid: number) {
		this.#uid = uid;
	}

	/** Judges an absolute path. What is read afterwards must be `real`: that is the path that was judged. */
	judge(path: string): Verdict {
		return this.#judge(path, MOST_LINKS);
	}

	#judge(path: string, links: number): Verdict {
		const known = this.#folders.get(path);
		if (known !== undefined) return known;
		const verdict = this.#look(path, links);
		if ('stats' in verdict && verdict.stats.isDirectory()) this.#folders.set(path, verdict);
		return verdict;
	}

	#look(path: string, links: number): Verdict {
		const above = path === '/' ? undefined : this.#judge(dirname(path), links);
		if (above !== undefined && !('real' in above)) return above;
		const real = above === undefined ? path : join(above.real, path.slice(path.lastIndexOf('/') + 1));
		let stats: Stats;
		let target: string | undefined;
		try {
			stats = lstatSync(real);
			if (stats.isSymbolicLink()) target = readlinkSync(real);
		} catch (error) {
			return unreadable(real, error as NodeJS.ErrnoException, links === MOST_LINKS);
		}
		if (stats.uid !== 0 && stats.uid !== this.#uid) return this.#foreign(real, stats);
		if (target !== undefined) {
			if (links === 0) return { code: 'link-cycle', message: `${real} links to itself`, absent: false };
			return this.#judge(resolve(dirname(real), target), links - 1);
		}
		if ((stats.mode & 0o022) !== 0 && !isStickyFolderOfRoot(stats)) return writableByOthers(real, stats);
		return { real, stats };
	}

	#foreign(path: string, stats: Stats): Verdict {
		const owners = this.#uid === 0 ? 'root' : `user ${this.#uid} or root`;
		const mend = `chown ${stats.isSymbolicLink() ? '-h ' : ''}${this.#uid} ${quoted(path)}`;
		return {
			code: 'untrusted',
			message: `${path} belongs to user ${stats.uid}, not to ${owners}: ${mend}`,
			absent: false,
		};
	}
}

function isStickyFolderOfRoot(stats: Stats): boolean {
	return stats.isDirectory() && (stats.mode & 0o1000) !== 0 && stats.uid === 0;
}

function writableByOthers(path: string, stats: Stats): Verdict {
	const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
	const group = (stats.mode & 0o020) !== 0;
	const others = (stats.mode & 0o002) !== 0;
	const whom = group && others ? 'its group and others' : group ? 'its group' : 'others';
	const mend = `chmod ${group ? 'g' : ''}${others ? 'o' : ''}-w ${quoted(path)}`;
	return { code: 'untrusted', message: `${path} may be written by ${whom} (mode ${mode}): ${mend}`, absent: false };
}

/** Where a link leads nowhere, what was asked for is not simply absent. */
function unreadable(path: string, { code = 'unknown' }: NodeJS.ErrnoException, unlinked: boolean): Verdict {
	const absent = code === 'ENOENT' || code === 'ENOTDIR';
	const message = absent ? `there is no ${path}` : `${path} cannot be read: ${code}`;
	return { code: 'unreadable', message, absent: absent && unlinked };
}

/** As a shell takes it. */
function quoted(path: string): string {
	return `'${path.replaceAll("'", "'\\''")}'`;
}
