import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { EdgeSettings, TenantView } from '../../launcher/protocol/edge.ts';
import { type Clock, systemClock } from '../../proxy/clock.ts';
import { Edge } from '../../proxy/edge.ts';
import { FakeLauncher, settings } from './fake-launcher.ts';

/** An edge worker in this process, on a real listening socket, between a fake launcher and raw tenants. */
export class Front {
	readonly launcher: FakeLauncher = new FakeLauncher();
	edge!: Edge;
	port = 0;
	/** Lines of the access log, parsed. */
	readonly log: Record<string, unknown>[] = [];
	rawLog = '';
	finished: Promise<void>;
	#finish = (): void => {};
	#logged = (): void => {};
	#listener: Server | undefined;
	readonly #tenants: RawTenant[] = [];
	readonly #visitors: RawVisitor[] = [];

	constructor() {
		this.finished = new Promise((resolve) => {
			this.#finish = resolve;
		});
	}

	static async open(changes: Partial<EdgeSettings> = {}, clock: Clock = systemClock): Promise<Front> {
		const front = new Front();
		front.launcher.settings = {
			...settings,
			...changes,
			timeouts: { ...settings.timeouts, ...changes.timeouts },
			sizes: { ...settings.sizes, ...changes.sizes },
		};
		await front.launcher.start();
		front.edge = new Edge({
			worker: 1,
			pid: process.pid,
			clock,
			connect: () => connect(front.launcher.path),
			sink: (bytes, done) => {
				const text = bytes.toString('latin1');
				front.rawLog += text;
				if (front.launcher.settings.accessLog === 'json') {
					for (const line of text.trimEnd().split('\n')) front.log.push(JSON.parse(line));
				}
				front.#logged();
				done();
			},
			report: (line) => {
				throw new Error(line);
			},
			finished: () => front.#finish(),
		});
		const listener = createServer();
		await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
		front.port = (listener.address() as AddressInfo).port;
		front.edge.listen({ name: 'edge/http/test', id: 0, address: '127.0.0.1', port: front.port }, listener);
		front.#listener = listener;
		await front.launcher.hears('hello');
		return front;
	}

	/** A tenant that takes connections as `serve` says, known by the hosts. */
	async tenant(serve: Serve, view: Partial<TenantView> & { hosts?: string[] } = {}): Promise<RawTenant> {
		const tenant = await RawTenant.open(serve);
		this.#tenants.push(tenant);
		this.know(tenant.port, view);
		return tenant;
	}

	/** Makes the launcher know a tenant at that port of the loopback. */
	know(port: number, { hosts = ['hello.test'], ...view }: Partial<TenantView> & { hosts?: string[] } = {}): void {
		for (const host of hosts) {
			this.launcher.tenants.set(`host:${host}`, {
				id: 101,
				name: 'hello',
				address: '127.0.0.1',
				port,
				connections: 2000,
				queue: 2000,
				startTimeout: 60_000,
				linger: 60_000,
				...view,
			});
		}
	}

	visitor(): RawVisitor {
		const visitor = new RawVisitor(this.port);
		this.#visitors.push(visitor);
		return visitor;
	}

	/** Sends the bytes on a connection of their own and returns all that comes until the edge closes. */
	async ask(request: string): Promise<string> {
		const visitor = this.visitor();
		visitor.send(request);
		return visitor.all();
	}

	/** The nth line of the access log, counted from 1. */
	async logs(nth = 1): Promise<Record<string, unknown>> {
		while (this.log.length < nth) await new Promise<void>((resolve) => (this.#logged = resolve));
		return this.log[nth - 1] as Record<string, unknown>;
	}

	/** Everything ends; a connection to a tenant that the edge leaves open hangs the test: no leak passes. */
	async close(): Promise<void> {
		for (const visitor of this.#visitors) visitor.socket.destroy();
		this.edge.drain(0);
		await this.finished;
		for (const tenant of this.#tenants) {
			await Promise.all(
				tenant.connections.map((connection) => {
					connection.socket.resume();
					return connection.end();
				}),
			);
		}
		await Promise.all(this.#tenants.map((tenant) => tenant.close()));
		await this.launcher.close();
		// An edge that was drained before it heard the settings has not taken the socket over.
		this.#listener?.close();
	}
}

/** Bytes that came on a connection, and promises for those to come. Text is latin1. */
class Bytes {
	readonly socket: Socket;
	text = '';
	ended = false;
	closed = false;
	error: string | undefined;
	#changed: (() => void)[] = [];

	constructor(socket: Socket) {
		this.socket = socket;
		socket.setEncoding('latin1');
		socket.on('data', (text: string) => {
			this.text += text;
			this.#tell();
		});
		socket.on('end', () => {
			this.ended = true;
			this.#tell();
		});
		socket.on('error', (error: NodeJS.ErrnoException) => {
			this.error = error.code;
		});
		socket.on('close', () => {
			this.closed = true;
			this.#tell();
		});
	}

	send(text: string): void {
		this.socket.write(text, 'latin1');
	}

	/** Waits until the bytes so far have `wanted`, and takes everything up to its end out of them. */
	async upTo(wanted: string): Promise<string> {
		await this.until(() => this.text.includes(wanted), `"${wanted}"`);
		const end = this.text.indexOf(wanted) + wanted.length;
		const taken = this.text.slice(0, end);
		this.text = this.text.slice(end);
		return taken;
	}

	/** Waits for so many bytes and takes them. */
	async count(length: number): Promise<string> {
		await this.until(() => this.text.length >= length, `${length} bytes`);
		const taken = this.text.slice(0, length);
		this.text = this.text.slice(length);
		return taken;
	}

	/** All bytes until the other side ends. */
	async all(): Promise<string> {
		await this.until(() => this.ended || this.closed, 'the end');
		return this.text;
	}

	async end(): Promise<void> {
		await this.until(() => this.ended || this.closed, 'the end');
	}

	async until(true_: () => boolean, what: string): Promise<void> {
		while (!true_()) {
			if (this.closed) throw new Error(`closed (${this.error ?? 'no error'}) before ${what}; so far: ${this.text}`);
			await new Promise<void>((resolve) => this.#changed.push(resolve));
		}
	}

	#tell(): void {
		for (const then of this.#changed.splice(0)) then();
	}
}

export class RawVisitor extends Bytes {
	constructor(port: number, localAddress?: string) {
		super(
			connect({
				port,
				host: '127.0.0.1',
				allowHalfOpen: true,
				...(localAddress === undefined ? {} : { localAddress }),
			}),
		);
	}

	/** One answer with a Content-Length, taken out of what came. */
	async answer(): Promise<{ status: number; head: string; body: string }> {
		const head = await this.upTo('\r\n\r\n');
		const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
		return { status: Number(head.slice(9, 12)), head, body: await this.count(length) };
	}

	/** Waits until the edge has read all that was sent: the kernel knows what lies in its queues (/proc/net/tcp, proc(5)). */
	async read(): Promise<void> {
		const { localPort, remotePort } = this.socket;
		const port = (number: number | undefined): string => (number ?? 0).toString(16).toUpperCase().padStart(4, '0');
		const ends = `:${port(localPort)} \\w+:${port(remotePort)}|:${port(remotePort)} \\w+:${port(localPort)}`;
		const lies = new RegExp(`(?:${ends}) \\w\\w (?!00000000:00000000)`);
		do await new Promise((resolve) => setImmediate(resolve));
		while (this.socket.writableLength > 0 || lies.test(readFileSync('/proc/net/tcp', 'utf8')));
		await new Promise((resolve) => setImmediate(resolve));
	}

	get(path = '/', fields = ''): void {
		this.send(`GET ${path} HTTP/1.1\r\nHost: hello.test\r\n${fields}\r\n`);
	}
}

/** One connection that a tenant has accepted. */
export class RawConnection extends Bytes {
	/** The next request head, taken out of what came. */
	head(): Promise<string> {
		return this.upTo('\r\n\r\n');
	}

	answer(body = 'hello', fields = ''): void {
		this.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`);
	}
}

/** What a tenant does with a connection. */
type Serve = (connection: RawConnection) => void | Promise<void>;

/** A tenant made of raw sockets. */
export class RawTenant {
	readonly port: number;
	readonly connections: RawConnection[] = [];
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
		this.port = (server.address() as AddressInfo).port;
	}

	static async open(serve: Serve): Promise<RawTenant> {
		let tenant: RawTenant | undefined;
		const server = createServer({ allowHalfOpen: true }, (socket) => {
			const connection = new RawConnection(socket);
			tenant?.connections.push(connection);
			// A tenant that waits for more when the test is over is told so by a rejection.
			void Promise.resolve(serve(connection)).catch(() => {});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		tenant = new RawTenant(server);
		return tenant;
	}

	/** Waits until it has accepted so many. */
	async connected(count: number): Promise<void> {
		while (this.connections.length < count) await once(this.#server, 'connection');
	}

	/** Connections that are open. */
	get open(): number {
		return this.connections.filter(({ closed, ended }) => !closed && !ended).length;
	}

	async close(): Promise<void> {
		for (const { socket } of this.connections) socket.destroy();
		await new Promise<void>((resolve) => this.#server.close(() => resolve()));
	}
}

/** Answers every request without a body with `hello`. */
export async function polite(connection: RawConnection): Promise<void> {
	for (;;) {
		await connection.head();
		connection.answer();
	}
}

/** Waits until nothing of what was written leaves any more: the other side has stopped reading. */
export async function stalled({ socket }: { socket: Socket }): Promise<void> {
	for (let before = -1; socket.bytesWritten - socket.writableLength !== before; ) {
		before = socket.bytesWritten - socket.writableLength;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
