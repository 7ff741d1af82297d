import { createServer, type Server, type Socket } from 'node:net';
import type { Answer } from './knocks.ts';
import {
	EDGE_PROTOCOL,
	type EdgeMessage,
	type EdgeSettings,
	type LauncherToEdgeMessage,
	type Lease,
	type TenantView,
} from './protocol/edge.ts';
import { readLines, writeLine } from './protocol/lines.ts';

/** What the edges ask for; answered by main with the supervisors and the book of leases. */
export interface EdgeRequests {
	/** A worker is there, or there again, with the leases that it holds. */
	hello(worker: number, leases: readonly Lease[]): void;
	/** A worker's connection is gone; it may be alive. */
	left(worker: number): void;
	resolve(key: string): TenantView | null;
	/** Answers once the worker has a lease on a ready instance, or is denied one. */
	acquire(worker: number, id: number, visitor: { address: string; request: string }, answer: Answer): void;
	/** Where the tenant's live instance answers. */
	port(id: number): number;
	release(worker: number, lease: Lease, idle: number): void;
	refused(lease: Lease): void;
}

/** How long the workers have to answer `count`, in ms. */
const COUNT_DEADLINE = 500;

/** The launcher's end of edge.sock: one connection a worker. Nothing that a worker says is believed without a check. */
export class Edges {
	readonly #requests: EdgeRequests;
	readonly #settings: () => EdgeSettings;
	readonly #report: (line: string) => void;
	readonly #workers = new Map<number, Socket>();
	readonly #counts = new Map<number, (connections: Record<string, number>) => void>();
	#server: Server | undefined;
	#seq = 0;

	constructor(requests: EdgeRequests, settings: () => EdgeSettings, report: (line: string) => void) {
		this.#requests = requests;
		this.#settings = settings;
		this.#report = report;
	}

	/** Takes workers from a listening socket: the one that the keeper handed over, by its fd. */
	listen(where: { fd: number } | { path: string }): void {
		this.#server = createServer((socket) => this.#accept(socket)).listen(where);
	}

	close(): void {
		this.#server?.close();
		for (const socket of this.#workers.values()) socket.destroy();
	}

	revoke(id: number, instance: number): void {
		this.#tellAll({ type: 'revoke', id, instance });
	}

	gone(id: number, instance: number): void {
		this.#tellAll({ type: 'gone', id, instance });
	}

	starting(worker: number, id: number, port: number): void {
		const socket = this.#workers.get(worker);
		if (socket !== undefined) tell(socket, { type: 'starting', id, port });
	}

	forget(keys: string[]): void {
		if (keys.length > 0) this.#tellAll({ type: 'forget', keys });
	}

	applySettings(): void {
		this.#tellAll({ type: 'settings', settings: this.#settings() });
	}

	/** `deadline` in ms from now. */
	drain(deadline: number): void {
		this.#tellAll({ type: 'drain', deadline });
	}

	/** Visitors' connections by tenant id, all workers together; a worker that does not answer in time counts nothing. */
	async count(): Promise<Map<number, number>> {
		const sums = new Map<number, number>();
		await Promise.all(
			[...this.#workers.values()].map(async (socket) => {
				for (const [id, connections] of Object.entries(await this.#countOne(socket))) {
					sums.set(Number(id), (sums.get(Number(id)) ?? 0) + connections);
				}
			}),
		);
		return sums;
	}

	#countOne(socket: Socket): Promise<Record<string, number>> {
		const seq = ++this.#seq;
		return new Promise((resolve) => {
			const timer = setTimeout(() => this.#counts.get(seq)?.({}), COUNT_DEADLINE);
			this.#counts.set(seq, (connections) => {
				clearTimeout(timer);
				this.#counts.delete(seq);
				resolve(connections);
			});
			tell(socket, { type: 'count', seq });
		});
	}

	#tellAll(message: LauncherToEdgeMessage): void {
		for (const socket of this.#workers.values()) tell(socket, message);
	}

	#accept(socket: Socket): void {
		let worker: number | undefined;
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			if (worker === undefined || this.#workers.get(worker) !== socket) return;
			this.#workers.delete(worker);
			this.#requests.left(worker);
		});
		readLines(socket, (line) => {
			const message = line as EdgeMessage;
			if (message.type === 'hello') {
				if (message.protocol !== EDGE_PROTOCOL) {
					this.#report(`edge worker ${message.worker} speaks protocol ${message.protocol}, not ${EDGE_PROTOCOL}`);
					socket.destroy();
					return;
				}
				worker = message.worker;
				this.#workers.get(worker)?.destroy();
				this.#workers.set(worker, socket);
				tell(socket, { type: 'welcome', protocol: EDGE_PROTOCOL, settings: this.#settings() });
				this.#requests.hello(worker, message.leases);
			} else if (worker !== undefined) {
				this.#take(worker, socket, message);
			}
		});
	}

	#take(worker: number, socket: Socket, message: Exclude<EdgeMessage, { type: 'hello' }>): void {
		switch (message.type) {
			case 'resolve':
				tell(socket, { type: 'resolved', seq: message.seq, tenant: this.#requests.resolve(message.key) });
				break;
			case 'acquire':
				this.#acquire(worker, socket, message);
				break;
			case 'release':
				this.#requests.release(worker, { id: message.id, instance: message.instance }, message.idle);
				break;
			case 'refused':
				this.#requests.refused({ id: message.id, instance: message.instance });
				break;
			case 'counted':
				this.#counts.get(message.seq)?.(message.connections);
				break;
			default:
				message satisfies never;
		}
	}

	#acquire(worker: number, socket: Socket, message: EdgeMessage & { type: 'acquire' }): void {
		const { seq, id } = message;
		this.#requests.acquire(worker, id, message.visitor, (answer) => {
			if (answer.granted) {
				const { instance, wake, waited } = answer;
				tell(socket, { type: 'granted', seq, id, instance, port: this.#requests.port(id), wake, waited });
			} else {
				tell(socket, { type: 'denied', seq, id, reason: answer.reason, retryAfter: answer.retryAfter });
			}
		});
	}
}

function tell(socket: Socket, message: LauncherToEdgeMessage): void {
	if (!socket.destroyed) writeLine(socket, message);
}
