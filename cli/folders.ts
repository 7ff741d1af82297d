import { accessSync, chmodSync, constants, lstatSync, mkdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { systemErrorText } from '../config/systemerror.ts';
import { Failure } from './failure.ts';

/** Where the config wants them. */
type Folders = Pick<Config, 'run' | 'state' | 'control'>;

/** sun_path of unix(7) without the closing NUL. */
const LONGEST_SOCKET_PATH = 107;

/**
 * Makes the server's folders where they are missing: run (sockets), state with data and logs, and that of the control socket.
 * Tenants may pass through state and data to their own folders, not list them; logs are the server's alone. Throws a Failure
 * where a folder cannot be made or written, or belongs to somebody else.
 */
export function makeFolders(config: Folders, uid: number): void {
	for (const path of [config.control, join(config.run, 'edge.sock')]) {
		if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
			throw new Failure(`${path} is too long for a socket: at most ${LONGEST_SOCKET_PATH} bytes (unix(7))`, [
				'Choose a shorter `run` or `control` in the config.',
			]);
		}
	}
	makeFolder(config.run, 0o755, uid);
	makeFolder(dirname(config.control), 0o755, uid);
	makeFolder(config.state, 0o711, uid);
	makeFolder(join(config.state, 'data'), 0o711, uid);
	makeFolder(join(config.state, 'logs'), 0o700, uid);
}

function makeFolder(folder: string, mode: number, uid: number): void {
	try {
		mkdirSync(dirname(folder), { recursive: true });
		if (makeMissing(folder)) chmodSync(folder, mode);
		refuseForeign(folder, lstatSync(folder), uid);
		refuseUnwritable(folder, uid);
	} catch (error) {
		if (error instanceof Failure) throw error;
		throw new Failure(`the folder ${folder} cannot be made: ${systemErrorText(error as Error)}`, [
			'Choose another `run` or `state` in the config.',
		]);
	}
}

function makeMissing(folder: string): boolean {
	try {
		mkdirSync(folder);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw error;
	}
}

/** Root's folder is nobody else's to write, and on a file system that is mounted read-only none is root's. */
function refuseUnwritable(folder: string, uid: number): void {
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
	} catch (error) {
		const { code = 'unknown' } = error as NodeJS.ErrnoException;
		throw new Failure(`the folder ${folder} cannot be written: ${code}`, [
			code === 'EROFS' ? 'Its file system is mounted read-only.' : `chown ${uid} '${folder}'; chmod u+rwx '${folder}'`,
			'Or choose another `run` or `state` in the config.',
		]);
	}
}

/** A folder that somebody else may write to could hold any socket by the time we open it. */
function refuseForeign(folder: string, stat: Stats, uid: number): void {
	if (!stat.isDirectory()) throw new Failure(`${folder} is no folder`);
	if (stat.uid !== uid && stat.uid !== 0)
		throw new Failure(`${folder} belongs to user ${stat.uid}, not to ${uid}`, [`chown ${uid} '${folder}'`]);
	if ((stat.mode & 0o022) !== 0 && (stat.mode & 0o1000) === 0) {
		throw new Failure(`${folder} may be written by others`, [`chmod go-w '${folder}'`]);
	}
}
