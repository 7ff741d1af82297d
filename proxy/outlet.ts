import type { Socket } from 'node:net';

/** Room for what is read at once, and what is put around it. */
const ROOM = 80 * 1024;

const NOTHING = Buffer.alloc(0);

/** Where the pieces of a write are put together, for all outlets: nearly always the kernel takes it all at once. */
let scratch = Buffer.allocUnsafeSlow(ROOM);

/**
 * What is written to one connection, and whether it has left. Nobody reads anything that would have to be written here while
 * it is not `empty`: so Node keeps what came of one read at most.
 */
export class Outlet {
	/** False while the kernel has not taken all that was written. */
	empty = true;
	readonly #socket: Socket;
	readonly #emptied: () => void;

	/** `emptied` is called each time when all that had to wait has left. */
	constructor(socket: Socket, emptied: () => void) {
		this.#socket = socket;
		this.#emptied = emptied;
	}

	/** Writes prefix, bytes[from..to) and suffix (latin1) as one, and returns `empty`. The bytes are free when it returns. */
	send(prefix: string, bytes: Buffer, from: number, to: number, suffix: string): boolean {
		const socket = this.#socket;
		if (from === to) {
			socket.write(prefix + suffix, 'latin1');
			if (socket.writableLength > 0) this.#wait();
			return this.empty;
		}
		const length = prefix.length + to - from + suffix.length;
		// What waits behind other pieces takes no more memory than it is long.
		const room = this.empty && length <= ROOM ? scratch : Buffer.allocUnsafe(length);
		let at = prefix === '' ? 0 : room.write(prefix, 'latin1');
		at += bytes.copy(room, at, from, to);
		if (suffix !== '') at += room.write(suffix, at, 'latin1');
		socket.write(room.subarray(0, at));
		if (socket.writableLength > 0) {
			// Node keeps it until the kernel has taken it.
			if (room === scratch) scratch = Buffer.allocUnsafeSlow(ROOM);
			this.#wait();
		}
		return this.empty;
	}

	/** Of a write, Node tells that it has left only who asks with the write: one of nothing asks for those before it. */
	#wait(): void {
		if (!this.empty) return;
		this.empty = false;
		this.#socket.write(NOTHING, this.#left);
	}

	readonly #left = (error: Error | null | undefined): void => {
		if (error || !this.#socket.writable) return;
		if (this.#socket.writableLength > 0) {
			this.#socket.write(NOTHING, this.#left);
			return;
		}
		this.empty = true;
		this.#emptied();
	};
}
