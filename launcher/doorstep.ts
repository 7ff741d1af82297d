import type { Socket } from 'node:net';

/** How many may wait to be let in: what the keeper made the socket with, of which Node's own listen(2) would leave 511. */
export const BACKLOG = 4096;
/** How long somebody may stand there and say nothing, in ms. */
const PATIENCE = 10_000;
/** How many may. */
const ROOM = 128;

/**
 * Where connections stand that have not yet said what they want: for a while only, and so many at most. Where one more comes, the
 * one who has been silent for longest makes way, so that nobody can keep others out by saying nothing.
 */
export class Doorstep {
	readonly #silent = new Set<Socket>();

	arrive(socket: Socket): void {
		const [longest] = this.#silent;
		if (longest !== undefined && this.#silent.size >= ROOM) {
			this.#silent.delete(longest);
			longest.destroy();
		}
		this.#silent.add(socket);
		socket.setTimeout(PATIENCE, () => socket.destroy());
		socket.on('close', () => this.#silent.delete(socket));
	}

	/** It has said what it wants. */
	enter(socket: Socket): void {
		this.#silent.delete(socket);
		socket.setTimeout(0);
	}
}
