import { createServer, type Server, type Socket } from 'node:net';
import { BACKLOG, Doorstep } from './doorstep.ts';
import type { Answer } from './knocks.ts';
import {
	EDGE_PROTOCOL,
	type EdgeMessage,
	type EdgeSettings,
	type LauncherToEdgeMessage,
	type Lease,
	MOST_A_MESSAGE,
	type TenantState,
	type TenantView,
} from './protocol/edge.ts';
import { readEdgeMessage } from './protocol/edgemessage.ts';
import { readLines, writeLine } from './protocol/lines.ts';

/** What the edges ask for; answered by main with the supervisors and the book of leases. */
export interface EdgeRequests {
	/** True for the number of a worker that there is. */
	isWorker(worker: number): boolean;
	/** A worker is there, or there again, with the leases that it holds. */
	hello(worker: number, leases: readonly Lease[]): void;
	/** A worker's connection is gone; it may be alive. */
	left(worker: number): void;
	resolve(key: string): TenantView | null;
	state(id: number): TenantState | null;
	/** Answers once the worker has a lease on a ready instance, or is denied one: so where the id is not that name's any more. */
	acquire(worker: number, tenant: Asked, visitor: { address: string; request: string }, answer: Answer): void;
	/** Where that instance of the tenant answers. */
	port(id: number, instance: number): number;
	release(worker: number, lease: Lease, idle: number): void;
	refused(lease: Lease): void;
	silent(lease: Lease): void;
}

/** The tenant that a worker asks for, as it knows it. */
export interface Asked {
	readonly id: number;
	readonly name: string;
}

/** How long the workers have to answer `count`, in ms. */
const COUNT_DEADLINE = 500;
/** A worker for which so many bytes wait does not listen any more. */
const MOST_UNREAD = 1 << 24;
/** A worker says hello with so many leases at most, whatever it is. */
const MOST_LEASES = 1_000_000;

/** A count that is being answered. */
interface Count {
	readonly of: Socket;
	readonly connections: Map<number, number>;
	done(): void;
}

/** A worker's connection. */
interface Line {
	readonly socket: Socket;
	/** Undefined before its hello. */
	worker: number | undefined;
	/** The leases of a hello that goes on. */
	leases: Lease[] | undefined;
	/** The names of the tenants that it waits for. */
	readonly awaited: Set<string>;
}

/**
 * The launcher's end of edge.sock: one connection a worker. Nothing that a worker says is believed without a check, and who says
 * what breaks the protocol loses its connection.
 */
export class Edges {
	readonly #requests: EdgeRequests;
	readonly #settings: () => EdgeSettings;
	readonly #report: (line: string) => void;
	readonly #workers = new Map<number, Socket>();
	readonly #counts = new Map<number, Count>();
	readonly #doorstep = new Doorstep();
	#server: Server | undefined;
	#seq = 0;
	#complaint = '';

	constructor(requests: EdgeRequests, settings: () => EdgeSettings, report: (line: string) => void) {
		this.#requests = requests;
		this.#settings = settings;
		this.#report = report;
	}

	/** Takes workers from a listening socket: the one that the keeper handed over, by its fd. */
	listen(where: { fd: number } | { path: string }): void {
		this.#server = createServer((socket) => this.#accept(socket)).listen(where, BACKLOG);
		// Not accepted for want of file descriptors: the worker tries again.
		this.#server.on('error', (error) => this.#complain(`an edge worker cannot be heard: ${error.message}`));
	}

	close(): void {
		this.#server?.close();
		for (const socket of this.#workers.values()) socket.destroy();
	}

	revoke(id: number, instance: number): void {
		this.#tellAll({ type: 'revoke', id, instance });
	}

	deaf(id: number, instance: number): void {
		this.#tellAll({ type: 'deaf', id, instance });
	}

	gone(id: number, instance: number): void {
		this.#tellAll({ type: 'gone', id, instance });
	}

	starting(worker: number, id: number, port: number): void {
		const socket = this.#workers.get(worker);
		if (socket !== undefined) tell(socket, { type: 'starting', id, port });
	}

	forget(keys: readonly string[]): void {
		for (let at = 0; at < keys.length; at += MOST_A_MESSAGE)
			this.#tellAll({ type: 'forget', keys: keys.slice(at, at + MOST_A_MESSAGE) });
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
				for (const [id, connections] of await this.#countOne(socket)) sums.set(id, (sums.get(id) ?? 0) + connections);
			}),
		);
		return sums;
	}

	#countOne(socket: Socket): Promise<Map<number, number>> {
		const seq = ++this.#seq;
		return new Promise((resolve) => {
			const connections = new Map<number, number>();
			const done = (): void => {
				clearTimeout(timer);
				this.#counts.delete(seq);
				resolve(connections);
			};
			const timer = setTimeout(done, COUNT_DEADLINE);
			this.#counts.set(seq, { of: socket, connections, done });
			tell(socket, { type: 'count', seq });
		});
	}

	#tellAll(message: LauncherToEdgeMessage): void {
		for (const socket of this.#workers.values()) tell(socket, message);
	}

	#accept(socket: Socket): void {
		const line: Line = { socket, worker: undefined, leases: undefined, awaited: new Set() };
		this.#doorstep.arrive(socket);
		socket.on('error', () => socket.destroy());
		socket.on('drain', () => socket.resume());
		socket.on('close', () => {
			if (line.worker === undefined || this.#workers.get(line.worker) !== socket) return;
			this.#workers.delete(line.worker);
			this.#requests.left(line.worker);
		});
		readLines(
			socket,
			(said) => {
				const wrong = this.#hear(line, said);
				if (wrong !== undefined) this.#sendAway(line, wrong);
				// Who does not listen is not listened to: its answers would pile up here.
				else if (socket.writableNeedDrain) socket.pause();
			},
			(wrong) => this.#sendAway(line, wrong),
		);
	}

	/** What is wrong with what the worker said; undefined where it was done. */
	#hear(line: Line, said: unknown): string | undefined {
		const read = readEdgeMessage(said);
		if ('wrong' in read) return read.wrong;
		const { message } = read;
		try {
			if (message.type === 'hello') return this.#greet(line, message);
			if (message.type === 'leases') return this.#takeLeases(line, message);
			if (line.worker !== undefined && line.leases === undefined) this.#take(line, line.worker, message);
			return undefined;
		} catch (error) {
			return `${message.type} met an error of the launcher's own: ${(error as Error).stack}`;
		}
	}

	#greet(line: Line, message: EdgeMessage & { type: 'hello' }): string | undefined {
		const { protocol, worker, leases, more } = message;
		if (protocol !== EDGE_PROTOCOL) return `it speaks protocol ${protocol}, not ${EDGE_PROTOCOL}`;
		if (!this.#requests.isWorker(worker)) return `there is no edge worker ${worker}`;
		if (line.worker !== undefined && line.worker !== worker) return `it was worker ${line.worker} before`;
		this.#doorstep.enter(line.socket);
		line.worker = worker;
		const before = this.#workers.get(worker);
		this.#workers.set(worker, line.socket);
		if (before !== line.socket) before?.destroy();
		tell(line.socket, { type: 'welcome', protocol: EDGE_PROTOCOL, settings: this.#settings() });
		line.leases = [];
		return this.#takeLeases(line, { type: 'leases', leases, more: more === true });
	}

	/** The hello is heard to its end before any lease of it counts. */
	#takeLeases(line: Line, { leases, more }: EdgeMessage & { type: 'leases' }): string | undefined {
		if (line.worker === undefined || line.leases === undefined) return 'leases without a hello before them';
		line.leases.push(...leases);
		if (line.leases.length > MOST_LEASES) return `over ${MOST_LEASES} leases`;
		if (more === true) return undefined;
		const all = line.leases;
		line.leases = undefined;
		this.#requests.hello(line.worker, all);
		return undefined;
	}

	#sendAway({ socket, worker }: Line, wrong: string): void {
		this.#complain(`edge worker ${worker ?? 'without a name'} is sent away: ${wrong}`);
		socket.destroy();
	}

	/** Once, however often it comes in a row. */
	#complain(line: string): void {
		if (line !== this.#complaint) this.#report(`innkeeper: ${line}`);
		this.#complaint = line;
	}

	#take(line: Line, worker: number, message: Exclude<EdgeMessage, { type: 'hello' | 'leases' }>): void {
		const { socket } = line;
		switch (message.type) {
			case 'resolve':
				tell(socket, { type: 'resolved', seq: message.seq, tenant: this.#requests.resolve(message.key) });
				break;
			case 'state':
				tell(socket, { type: 'stated', seq: message.seq, tenant: this.#requests.state(message.id) });
				break;
			case 'acquire':
				this.#acquire(line, worker, message);
				break;
			case 'release':
				this.#requests.release(worker, { id: message.id, instance: message.instance }, message.idle);
				break;
			case 'refused':
				this.#requests.refused({ id: message.id, instance: message.instance });
				break;
			case 'silent':
				this.#requests.silent({ id: message.id, instance: message.instance });
				break;
			case 'counted':
				this.#count(socket, message);
				break;
			default:
				message satisfies never;
		}
	}

	/** Late answers, and those to what another worker was asked, count nothing. */
	#count(socket: Socket, { seq, connections, more }: EdgeMessage & { type: 'counted' }): void {
		const count = this.#counts.get(seq);
		if (count?.of !== socket) return;
		for (const [id, visitors] of Object.entries(connections)) count.connections.set(Number(id), visitors);
		if (more !== true) count.done();
	}

	/** Asked again while the answer is still to come, it is answered once. */
	#acquire({ socket, awaited }: Line, worker: number, message: EdgeMessage & { type: 'acquire' }): void {
		const { seq, id, name, visitor } = message;
		if (awaited.has(name)) return;
		awaited.add(name);
		this.#requests.acquire(worker, { id, name }, visitor, (answer) => {
			awaited.delete(name);
			if (answer.granted) {
				const { instance, wake, waited } = answer;
				tell(socket, { type: 'granted', seq, id, instance, port: this.#requests.port(id, instance), wake, waited });
			} else {
				tell(socket, { type: 'denied', seq, id, reason: answer.reason, retryAfter: answer.retryAfter });
			}
		});
	}
}

/** A worker that does not listen at all is cut off: what it was not told it learns when it says hello again. */
function tell(socket: Socket, message: LauncherToEdgeMessage): void {
	if (socket.destroyed) return;
	writeLine(socket, message);
	if (socket.writableLength > MOST_UNREAD) socket.destroy();
}
