import type { Socket } from 'node:net';
import { turnedAwayWithin, visitorsWithin } from '../config/openfiles.ts';
import { LeaseClient, type LeaseListener } from '../launcher/leaseclient.ts';
import type { Denial, EdgeSettings, TenantState, Wake } from '../launcher/protocol/edge.ts';
import { AccessLog, type Sink } from './accesslog.ts';
import { Activation } from './activation.ts';
import { Admission } from './admission.ts';
import type { Clock } from './clock.ts';
import { Crowd } from './crowd.ts';
import { Deadlines } from './deadlines.ts';
import { trustedAddresses } from './forwarded.ts';
import type { HeldLease } from './lease.ts';
import { Listener, type ListenMessage } from './listener.ts';
import { Pace } from './pace.ts';
import { RequestIds } from './requestids.ts';
import { Router } from './router.ts';
import { Timeouts } from './timeouts.ts';
import type { EdgeContext } from './visit.ts';
import { Visitor } from './visitor.ts';

/** How long (ms) a worker that is done waits for a log that nobody reads. */
const LOG_DEADLINE = 500;

/** The launcher is not asked about one lease more often than every so many ms. */
const ASK_AGAIN = 1000;

export interface EdgeOptions {
	readonly worker: number;
	readonly pid: number;
	readonly clock: Clock;
	/** Begins a connection to edge.sock. */
	readonly connect: () => Socket;
	readonly sink: Sink;
	/** A line for the operator. */
	readonly report: (line: string) => void;
	/** Called when nothing is left to do: everything is closed, given back and logged. */
	readonly finished: () => void;
}

/** An edge worker: everything that one process has, put together, and what the launcher tells it carried out. */
export class Edge implements EdgeContext, LeaseListener {
	readonly clock: Clock;
	readonly deadlines: Deadlines;
	readonly router: Router;
	readonly admission: Admission = new Admission(0);
	readonly activation: Activation;
	readonly pace: Pace;
	readonly ids: RequestIds = new RequestIds();
	readonly log: AccessLog;
	draining = false;
	isTrusted: (address: string) => boolean = () => false;
	isMonitor: (address: string) => boolean = () => false;
	readonly #options: EdgeOptions;
	readonly #launcher: LeaseClient;
	readonly #listeners = new Map<string, Listener>();
	/** Sockets that came before the launcher's settings. */
	readonly #early: (() => void)[] = [];
	readonly #visitors = new Crowd<Visitor>();
	/** How many of them are not being turned away, and how many there may be. */
	#admitted = 0;
	#room = 0;
	/** Those who are being told that they are too many, the first come first, and how many there may be. */
	readonly #turnedAway = new Set<Visitor>();
	#mostTurnedAway = 0;
	#settings: EdgeSettings | undefined;
	#timeouts: Timeouts | undefined;
	#finished = false;
	/** Takes the deadline of the drain back. */
	#cancelDeadline = (): void => {};

	constructor(options: EdgeOptions) {
		const { clock, worker, pid, connect, sink, report } = options;
		this.#options = options;
		this.clock = clock;
		this.deadlines = new Deadlines(clock);
		this.log = new AccessLog('off', clock, sink, report);
		this.pace = new Pace(setImmediate);
		this.router = new Router(
			clock,
			(key, then) => this.#launcher.resolve(key, then),
			(tenant) => this.activation.leave(tenant),
		);
		this.#launcher = new LeaseClient({
			worker,
			pid,
			connect,
			after: (ms, then) => clock.after(ms, then),
			listener: this,
		});
		this.activation = new Activation({
			clock,
			deadlines: this.deadlines,
			admission: this.admission,
			landlord: this.#launcher,
			settle: (tenant) => this.router.settle(tenant),
			byId: (id) => this.router.tenant(id),
			tenants: () => this.router.tenants(),
		});
	}

	get settings(): EdgeSettings {
		if (this.#settings === undefined) throw new Error('a visitor before the first settings');
		return this.#settings;
	}

	get timeouts(): Timeouts {
		if (this.#timeouts === undefined) throw new Error('a visitor before the first settings');
		return this.#timeouts;
	}

	refused(id: number, instance: number): void {
		this.#launcher.refused(id, instance);
	}

	silent(lease: HeldLease): void {
		const now = this.clock.now();
		if (now - lease.askedAt < ASK_AGAIN) return;
		lease.askedAt = now;
		this.#launcher.silent(lease.id, lease.instance);
	}

	askState(id: number, then: (state: TenantState | null) => void): boolean {
		return this.#launcher.state(id, then);
	}

	/** Takes a listening socket; visitors are accepted on it once the settings are known. */
	listen(message: ListenMessage, handle: unknown): void {
		if (this.draining) return;
		const start = () => {
			this.close(message.name);
			this.#listeners.set(
				message.name,
				new Listener(
					message,
					handle,
					(socket, key) => this.#accept(socket, key),
					(error) => this.#options.report(`${message.name}: ${error.message}`),
				),
			);
			this.#makeRoom();
		};
		if (this.#settings === undefined) this.#early.push(start);
		else start();
	}

	/** Closes a listening socket; who came by it stays. */
	close(name: string): void {
		const listener = this.#listeners.get(name);
		listener?.close(() => {
			if (this.#listeners.get(name) === listener) this.#listeners.delete(name);
			if (this.#settings !== undefined) this.#makeRoom();
			this.#finishIfEmpty();
		});
	}

	/** Retires: accepts no more, finishes what runs for `deadline` ms at most, and then calls `finished`. Others accept on. */
	drain(deadline: number): void {
		this.drained(deadline);
		this.#closeAll();
		this.#finishIfEmpty();
	}

	#closeAll(): void {
		for (const name of [...this.#listeners.keys()]) this.close(name);
	}

	welcomed(settings: EdgeSettings): void {
		this.settingsChanged(settings);
		this.router.forget(['*']);
		for (const start of this.#early.splice(0)) start();
	}

	settingsChanged(settings: EdgeSettings): void {
		this.#settings = settings;
		if (this.#timeouts === undefined) this.#timeouts = new Timeouts(this.deadlines, settings.timeouts);
		else this.#timeouts.change(settings.timeouts);
		this.deadlines.expect(this.clock.now());
		this.isTrusted = trustedAddresses(settings.trustedProxies);
		this.isMonitor = trustedAddresses(settings.healthFrom);
		this.admission.queue = settings.sizes.queue;
		this.log.format = settings.accessLog;
		this.#makeRoom();
	}

	/** Each visitor may need a connection to a tenant too; and nobody is to be closed without a word for want of a file. */
	#makeRoom(): void {
		const { files = Number.POSITIVE_INFINITY, sizes } = this.settings;
		this.#room = Math.min(sizes.connections, visitorsWithin(files, this.#listeners.size));
		this.#mostTurnedAway = turnedAwayWithin(files);
		this.activation.mostConnections = this.#room;
	}

	starting(id: number, port: number): void {
		this.activation.starting(id, port);
	}

	granted(id: number, instance: number, port: number, wake: Wake, waited: number): void {
		this.activation.granted(id, instance, port, wake, waited);
	}

	denied(id: number, reason: Denial, retryAfter: number): void {
		this.activation.denied(id, reason, retryAfter);
	}

	revoked(id: number, instance: number): void {
		this.activation.revoked(id, instance);
	}

	deafened(id: number, instance: number): void {
		this.activation.deafened(id, instance);
	}

	gone(id: number, instance: number): void {
		this.activation.gone(id, instance);
	}

	forgotten(keys: readonly string[]): void {
		this.router.forget(keys);
	}

	counted(): Record<string, number> {
		const counts: Record<string, number> = {};
		for (const tenant of this.router.tenants()) {
			if (tenant.visitors > 0) counts[tenant.view.id] = tenant.visitors;
		}
		return counts;
	}

	/** The house closes: who comes before the keeper takes the listening sockets back is told so, for a reset tells nothing. */
	drained(deadline: number): void {
		if (this.draining) return;
		this.draining = true;
		for (const visitor of this.#visitors.all()) visitor.retire();
		this.#cancelDeadline = this.clock.after(deadline, () => {
			this.#closeAll();
			for (const visitor of this.#visitors.all()) visitor.cut();
			this.#finishIfEmpty();
		});
		this.#finishIfEmpty();
	}

	strange(protocol: number): void {
		this.#options.report(`the launcher speaks another protocol (${protocol}): a new edge worker is needed`);
		this.drain(0);
	}

	#accept(socket: Socket, key: string | undefined): void {
		const admitted = this.#admitted < this.#room && !this.draining;
		const visitor = new Visitor(socket, key, this, (left) => {
			this.#visitors.remove(left);
			if (admitted) this.#admitted--;
			else this.#turnedAway.delete(left);
			this.#finishIfEmpty();
		});
		this.#visitors.add(visitor);
		if (admitted) this.#admitted++;
		else this.#turnAway(visitor);
	}

	/** Who was told first has had time to hear it: its connection makes room for one who was not told yet. */
	#turnAway(visitor: Visitor): void {
		const [first] = this.#turnedAway;
		if (first !== undefined && this.#turnedAway.size >= this.#mostTurnedAway) {
			this.#turnedAway.delete(first);
			first.destroy();
		}
		this.#turnedAway.add(visitor);
		visitor.turnAway(this.draining ? 'drained' : 'too-many-connections');
	}

	#finishIfEmpty(): void {
		if (!this.draining || this.#visitors.size > 0 || this.#listeners.size > 0 || this.#finished) return;
		this.#finished = true;
		this.activation.releaseIdle(this.router.tenants());
		this.#launcher.close();
		this.#cancelDeadline();
		const cancel = this.clock.after(LOG_DEADLINE, this.#options.finished);
		this.log.flushed(() => {
			cancel();
			this.#options.finished();
		});
	}
}
