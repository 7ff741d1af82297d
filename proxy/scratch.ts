import type { Socket } from 'node:net';

/** Room for what is read at once, and what is put around it. */
const ROOM = 80 * 1024;

/** Where the pieces of a write are put together. */
let scratch = Buffer.allocUnsafeSlow(ROOM);

/** Writes prefix, bytes[from..to) and suffix (latin1) as one; false as `socket.write`. The bytes are free when it returns. */
export function writeTogether(
	socket: Socket,
	prefix: string,
	bytes: Buffer,
	from: number,
	to: number,
	suffix: string,
): boolean {
	if (from === to) return socket.write(prefix + suffix, 'latin1');
	const length = prefix.length + to - from + suffix.length;
	if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length);
	let at = prefix === '' ? 0 : scratch.write(prefix, 'latin1');
	at += bytes.copy(scratch, at, from, to);
	if (suffix !== '') at += scratch.write(suffix, at, 'latin1');
	const flowing = socket.write(scratch.subarray(0, at));
	// Nearly always the kernel took it all; else Node keeps the memory until it did.
	if (socket.writableLength > 0) scratch = Buffer.allocUnsafeSlow(ROOM);
	return flowing;
}
