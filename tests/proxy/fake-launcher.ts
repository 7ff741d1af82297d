import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	EDGE_PROTOCOL,
	type EdgeMessage,
	type EdgeSettings,
	type LauncherToEdgeMessage,
	type TenantView,
} from '../../launcher/protocol/edge.ts';
import { readLines, writeLine } from '../../launcher/protocol/lines.ts';

type Heard<T extends EdgeMessage['type']> = EdgeMessage & { type: T };

export const settings: EdgeSettings = {
	trustedProxies: [],
	trustedHeaders: 'x-forwarded',
	via: 'innkeeper',
	health: '/.innkeeper/health',
	healthFrom: ['127.0.0.0/8'],
	debugHeaders: false,
	accessLog: 'json',
	timeouts: { head: 5000, idle: 5000, body: 5000, connect: 2000, answer: 5000 },
	sizes: { head: 16_384, target: 8192, headers: 100, queue: 2000, connections: 5000 },
};

/** The launcher's end of edge.sock: knows tenants by key, and grants leases on instance 1, 2 … unless a test says otherwise. */
export class FakeLauncher {
	readonly folder: string = mkdtempSync(join(tmpdir(), 'innkeeper-edge-'));
	readonly path: string = join(this.folder, 'edge.sock');
	readonly heard: EdgeMessage[] = [];
	readonly tenants: Map<string, TenantView & { port: number }> = new Map();
	settings: EdgeSettings = settings;
	/** Answers an acquire; by default it is granted at once. */
	onAcquire: (message: Heard<'acquire'>) => void = (message) => this.grant(message, 1);
	/** Answers what a monitor asks; by default that everybody sleeps. */
	onState: (message: Heard<'state'>) => void = ({ seq, id }) => {
		const name = [...this.tenants.values()].find((tenant) => tenant.id === id)?.name;
		const tenant = name === undefined ? null : { name, state: 'stopped', since: '2026-11-30T00:00:00.000Z' };
		this.say({ type: 'stated', seq, tenant });
	};
	#server: Server | undefined;
	#socket: Socket | undefined;
	readonly #waiting: { wanted: () => boolean; then: () => void }[] = [];

	async start(): Promise<void> {
		this.#server = createServer((socket) => this.#accept(socket));
		await new Promise<void>((resolve) => this.#server?.listen(this.path, resolve));
	}

	/** Dies: the connection breaks and nobody listens until `start`. */
	async die(): Promise<void> {
		const server = this.#server;
		this.#server = undefined;
		this.#socket?.destroy();
		await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
	}

	async close(): Promise<void> {
		await this.die();
		rmSync(this.folder, { recursive: true });
	}

	say(message: LauncherToEdgeMessage): void {
		if (this.#socket === undefined) throw new Error('no worker is there');
		writeLine(this.#socket, message);
	}

	grant(message: Heard<'acquire'>, instance: number, waited = 3): void {
		const port = [...this.tenants.values()].find(({ id }) => id === message.id)?.port ?? 0;
		this.say({ type: 'granted', seq: message.seq, id: message.id, instance, port, wake: 'start', waited });
	}

	heardOf<T extends EdgeMessage['type']>(type: T): Heard<T>[] {
		return this.heard.filter((message): message is Heard<T> => message.type === type);
	}

	/** The nth message of that type, counted from 1. */
	async hears<T extends EdgeMessage['type']>(type: T, nth = 1): Promise<Heard<T>> {
		if (this.heardOf(type).length < nth) {
			await new Promise<void>((then) => this.#waiting.push({ wanted: () => this.heardOf(type).length >= nth, then }));
		}
		return this.heardOf(type)[nth - 1] as Heard<T>;
	}

	#accept(socket: Socket): void {
		this.#socket = socket;
		socket.on('error', () => socket.destroy());
		readLines(socket, (line) => this.#take(line as EdgeMessage));
	}

	#take(message: EdgeMessage): void {
		this.heard.push(message);
		if (message.type === 'hello') this.say({ type: 'welcome', protocol: EDGE_PROTOCOL, settings: this.settings });
		if (message.type === 'resolve') {
			this.say({ type: 'resolved', seq: message.seq, tenant: this.tenants.get(message.key) ?? null });
		}
		if (message.type === 'state') this.onState(message);
		if (message.type === 'acquire') this.onAcquire(message);
		for (const waiting of this.#waiting.filter(({ wanted }) => wanted())) {
			this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
			waiting.then();
		}
	}
}
