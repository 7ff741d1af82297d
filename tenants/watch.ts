import { accessSync, constants, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** Hears that a folder changed: `name` is what changed in it, or undefined where it may be anything, the folder itself too. */
export type Heard = (name: string | undefined) => void;

/**
 * One watch of one folder (inotify(7)), which may not be there yet or may not be read: then it is a watch of the nearest folder
 * above that can be watched, for its appearance. No timer, no polling. A watch follows the folder that was there, not its path: `renew` where that may be
 * another by now.
 */
export class FolderWatch {
	readonly folder: string;
	readonly #heard: Heard;
	readonly #failed: (error: Error) => void;
	#watcher: FSWatcher | undefined;

	/** `failed` hears why there is no watch: too many of them, mostly (ENOSPC). Nothing is watched before `renew`. */
	constructor(folder: string, heard: Heard, failed: (error: Error) => void) {
		this.folder = folder;
		this.#heard = heard;
		this.#failed = failed;
	}

	/** Watches what is at the path now. Read the folder after this, not before, or a change in between is missed. */
	renew(tries: number = MOST_TRIES): void {
		this.close();
		let place = this.folder;
		while (!this.#watch(place)) place = dirname(place);
		// It may have appeared between the two looks.
		if (place !== this.folder && tries > 1 && isOpen(stepTowards(this.folder, place))) this.renew(tries - 1);
	}

	/** False where there is nothing at the place that we may watch. */
	#watch(place: string): boolean {
		try {
			this.#watcher = watch(place, { persistent: false }, (_, name) => this.#hear(place, name));
			this.#watcher.on('error', (error) => this.#failed(error));
			return true;
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			const unseen = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EACCES';
			if (unseen && place !== '/') return false;
			this.#failed(error as Error);
			return true;
		}
	}

	close(): void {
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	#hear(place: string, name: string | null): void {
		// A folder that was moved or deleted tells its own name; so may a thing in it that is called the same.
		const itself = name === null || name === basename(place);
		if (place === this.folder) this.#heard(itself ? undefined : name);
		else if (itself || name === basename(stepTowards(this.folder, place))) this.#heard(undefined);
	}
}

/** Who looks open and cannot be watched all the same (a network's file system may say both) is not asked for ever. */
const MOST_TRIES = 3;

function isOpen(folder: string): boolean {
	try {
		accessSync(folder, constants.R_OK);
		return true;
	} catch {
		return false;
	}
}

/** The path one step below `place` on the way to `folder`. */
function stepTowards(folder: string, place: string): string {
	return join(place, relative(place, folder).split(sep)[0] ?? '');
}
