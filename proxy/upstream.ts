import { connect, type Socket } from 'node:net';
import type { ResponseHead } from './http1/head.ts';
import { Outlet } from './outlet.ts';
import { Recall } from './recall.ts';

/** Who uses a connection to an instance at the moment. None of these is called once the user has let go of it. */
export interface UpstreamUser {
	connected(): void;
	/** bytes[0..end) came; they are valid until this returns. */
	read(bytes: Buffer, end: number): void;
	/** All that was written has left. */
	drained(): void;
	/** The instance sends no more. */
	ended(): void;
	/** The connection is gone. `error`: the code of the system's error (errno(3)), if it was one. */
	lost(error: string | undefined): void;
	/** The instance accepts nobody any more. Where nothing was heard of it on this connection, the next one will accept it. */
	instanceDeaf(): void;
	/** The instance is dead; whatever it had sent has been read. */
	instanceGone(): void;
}

/** Who counts the connection among its own. */
export interface UpstreamHolder {
	/** It is closed, or another's from now on. */
	drop(upstream: Upstream): void;
}

/** How many connections to instances there are, of all leases of a worker. */
export interface UpstreamCount {
	open: number;
}

/** An answer's head and the text that answer.ts makes of it for most visitors; empty where that depends on more. */
export interface AnswerHead {
	readonly head: ResponseHead;
	readonly method: string;
	text: string;
}

/**
 * One buffer for the reads of all connections to instances: a read is followed at once by the call that uses it up, so no two
 * ever share it at the same time.
 */
const bytesRead = Buffer.allocUnsafeSlow(64 * 1024);

/** A connection to an instance: connecting, in use, or idle in the pool of its lease. */
export class Upstream {
	readonly socket: Socket;
	readonly port: number;
	/** Undefined while it is idle. */
	user: UpstreamUser | undefined;
	holder: UpstreamHolder;
	/** True once it has carried a request: it may be dead without our knowing. */
	used = false;
	/** When it became idle, in ms of the clock. */
	idleSince = 0;
	/** The last answer's head, and what it became for a visitor of HTTP/1.1 who keeps the connection. */
	readonly lastHead: Recall<AnswerHead> = new Recall();
	readonly #outlet: Outlet;
	#open = true;

	/** `user`: undefined where it is made ahead of its use. */
	constructor(
		address: string,
		port: number,
		user: UpstreamUser | undefined,
		holder: UpstreamHolder,
		count: UpstreamCount,
	) {
		count.open++;
		this.port = port;
		this.user = user;
		this.holder = holder;
		const close = (error: string | undefined) => {
			if (!this.#open) return;
			this.#open = false;
			count.open--;
			this.holder.drop(this);
			this.user?.lost(error);
		};
		this.socket = connect({
			host: address,
			port,
			allowHalfOpen: true,
			noDelay: true,
			onread: { buffer: bytesRead, callback: (length) => this.#read(length) },
		});
		this.#outlet = new Outlet(this.socket, () => this.user?.drained());
		this.socket.on('connect', () => this.user?.connected());
		this.socket.on('end', () => this.#ended());
		this.socket.on('error', (error: NodeJS.ErrnoException) => close(error.code));
		this.socket.on('close', () => close(undefined));
	}

	/** True while it can carry a request: an instance that answered without having read the last one gets no other by it. */
	get usable(): boolean {
		const { socket } = this;
		return this.#open && this.#outlet.empty && !socket.connecting && socket.writable && !socket.readableEnded;
	}

	/** Sends prefix, bytes[from..to) and suffix as one; false where the instance is slower than we are. The bytes are free then. */
	send(prefix: string, bytes: Buffer, from: number, to: number, suffix: string): boolean {
		return this.#outlet.send(prefix, bytes, from, to, suffix);
	}

	/** Closes it at once; its user hears nothing. */
	destroy(): void {
		this.user = undefined;
		this.socket.destroy();
	}

	#read(length: number): boolean {
		if (this.user === undefined) this.socket.destroy();
		else this.user.read(bytesRead, length);
		return true;
	}

	#ended(): void {
		if (this.user === undefined) this.socket.destroy();
		else this.user.ended();
	}
}
