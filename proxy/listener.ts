import { createServer, type Server, type Socket } from 'node:net';

/** A listening socket that the keeper handed over. */
export interface ListenMessage {
	readonly name: string;
	/** 0: public; else it is an address of that tenant alone. */
	readonly id: number;
	readonly address: string;
	readonly port: number;
}

/** Connections that the kernel holds for us until we take them. */
const BACKLOG = 4096;

/** Accepts visitors on one listening socket, which other workers and the keeper have too. */
export class Listener {
	readonly #server: Server;
	#taken = 0;

	/** `accepted` gets connections that are not read from yet. `handle`: the socket as Node's IPC hands it over. */
	constructor(
		message: ListenMessage,
		handle: unknown,
		accepted: (socket: Socket, addressKey: string | undefined) => void,
		failed: (error: Error) => void,
	) {
		const key = message.id === 0 ? undefined : `address:${message.address}:${message.port}`;
		this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
			this.#taken++;
			accepted(socket, key);
		});
		this.#server.on('error', failed);
		this.#server.listen(handle, BACKLOG);
	}

	/**
	 * Accepts no more, and then calls `closed`; who was accepted stays. Whoever lies in the kernel's queue already is accepted first, for
	 * the end of a listening socket resets him: a turn of the loop takes one of them, and the first that takes nobody is the last.
	 */
	close(closed: () => void): void {
		let taken = -1;
		let turns = 0;
		const look = (): void => {
			if (this.#taken > taken && turns++ < BACKLOG) {
				taken = this.#taken;
				setImmediate(look);
				return;
			}
			this.#server.close();
			closed();
		};
		setImmediate(look);
	}
}
