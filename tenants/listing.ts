import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault, FaultCode } from '../config/fault.ts';
import { TENANT_FILE } from './folder.ts';
import type { FolderWatch } from './watch.ts';

/** What a look at a folder of tenants found. */
export type Listed =
	/** The paths of all that is in it. */
	| { readonly paths: readonly string[] }
	/** It says nothing about the tenants that were in it: they stay in force. */
	| 'vanished'
	/** There is nothing to be read, and never was a tenant. */
	| 'unreadable';

/**
 * One folder of tenants. A tenant that is missing from a folder which can be read is gone; a folder that is missing itself, cannot
 * be read, or gave its place to an empty one (a mount point without its mount) tells nothing about anybody.
 */
export class Listing<Member> {
	readonly folder: string;
	readonly watch: FolderWatch | undefined;
	/** The tenants' folders in it, by path. */
	readonly members: Map<string, Member> = new Map();
	fault: Fault | undefined;
	/** True while its tenants are in force although it is not there. */
	vanished = false;
	/** Which folder it was that was listed last. */
	#identity: string | undefined;

	constructor(folder: string, watch: FolderWatch | undefined) {
		this.folder = folder;
		this.watch = watch;
	}

	/** Which folder was listed last, to be told to `recall`. */
	get identity(): string | undefined {
		return this.#identity;
	}

	/** Looks at what is there now, as if it were the folder of that identity that had been listed last, with so many tenants in force. */
	recall(identity: string | undefined, inForce: number): Listed {
		this.#identity = identity;
		return this.look(inForce, false);
	}

	/** True where the folder at the path is the one that was listed last. */
	get isSame(): boolean {
		return identityOf(this.folder) === this.#identity;
	}

	/** Looks at what is there now. `inForce`: how many of its tenants are; `asked`: an operator wants everything read again. */
	look(inForce: number, asked: boolean): Listed {
		const identity = identityOf(this.folder);
		let names: string[];
		try {
			names = readdirSync(this.folder).filter((name) => !name.startsWith('.'));
		} catch (error) {
			const { code = 'unknown' } = error as NodeJS.ErrnoException;
			const message = code === 'ENOENT' ? 'there is no such folder' : `the folder cannot be read: ${code}`;
			if (inForce > 0) return this.#vanish(`${message}; ${staying(inForce)} until it is there again`);
			this.fault = wholeFault(this.folder, code === 'ELOOP' ? 'link-cycle' : 'unreadable', message);
			this.vanished = false;
			this.#identity = identity;
			return 'unreadable';
		}
		const replaced = this.#identity !== undefined && identity !== this.#identity;
		// Whoever has been told may say that it is meant so.
		const confirmed = asked && this.vanished;
		if (
			inForce > 0 &&
			replaced &&
			!confirmed &&
			!names.some((name) => existsSync(join(this.folder, name, TENANT_FILE)))
		) {
			const advice = 'until they are there again, or `innkeeper reload` confirms that they are gone';
			return this.#vanish(`another folder is in its place, without a tenant; ${staying(inForce)} ${advice}`);
		}
		this.#identity = identity;
		this.fault = undefined;
		this.vanished = false;
		return { paths: names.map((name) => join(this.folder, name)) };
	}

	#vanish(message: string): 'vanished' {
		this.fault = wholeFault(this.folder, 'vanished', message);
		this.vanished = true;
		return 'vanished';
	}
}

/** A fault of a folder or file as a whole. */
export function wholeFault(file: string, code: FaultCode, message: string): Fault {
	return { file, line: undefined, column: undefined, key: '', message, code, severity: 'fault' };
}

/** Links followed; undefined where there is none (stat(2)). */
function identityOf(folder: string): string | undefined {
	try {
		const { dev, ino } = statSync(folder);
		return `${dev}:${ino}`;
	} catch {
		return undefined;
	}
}

function staying(count: number): string {
	return count === 1 ? 'its tenant stays in force' : `its ${count} tenants stay in force`;
}
