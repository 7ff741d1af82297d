import { systemErrorText } from '../config/systemerror.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Failure, StopCause } from './announcement.ts';
import type { Driver, InstanceEvent } from './driver.ts';
import { hallName, hallPort, type Place, placeOf } from './drivers/launch.ts';
import type { InstanceFacts } from './facts.ts';
import type { Event } from './lifecycle.ts';
import { assignments, listens, type Prober, type Sign, signOf } from './readiness.ts';

/** What the keeper says of an instance that lives through a restart of the launcher. */
export interface Adoptable {
	readonly instance: number;
	readonly pid: number;
	/** When it was launched, in ms since the epoch. */
	readonly started: number;
	/** Names of the sockets that it listens on. */
	readonly listening: readonly string[];
	/** All that it sent to NOTIFY_SOCKET, newline-separated. */
	readonly notified: string;
}

/** Lower ones are root's to bind (ip(7), ip_unprivileged_port_start). */
const FIRST_FREE_PORT = 1024;

/** One launch of a tenant: it makes the first process and turns what that one does into events of the lifecycle. */
export class Instance {
	/** The tenant as it was launched; its file may have changed since. */
	readonly tenant: Tenant;
	readonly number: number;
	/** Where it answers in the hall. */
	place: Place;
	/** As the clock's now. */
	readonly launched: number;
	/** True where another launcher made it. */
	readonly adopted: boolean;
	/** When it became ready, as the clock's now. */
	ready: number | undefined;
	/** Why it does not run on. */
	stopCause: StopCause | undefined;
	failure: Failure = 'exit';
	/** How its first process ended (`exit:N`, `signal:N`), or why there was none. */
	exit: string | undefined;
	/** The port on which it listens although no visitor comes there; the one that it binds, of those that root alone may. */
	readonly elsewhere: { listens: number | undefined; privileged: number | undefined } = {
		listens: undefined,
		privileged: undefined,
	};
	#pid: number | undefined;
	#says: string | undefined;
	/** Undefined: not known. */
	#sockets: readonly string[] | undefined;
	readonly #sign: Sign;
	readonly #probing: AbortController = new AbortController();
	readonly #means: { readonly driver: Driver; readonly prober: Prober };
	readonly #raise: (event: Event) => void;

	constructor(
		tenant: Tenant,
		number: number,
		place: Place,
		launched: number,
		adopted: boolean,
		means: { readonly driver: Driver; readonly prober: Prober },
		raise: (event: Event) => void,
	) {
		this.tenant = tenant;
		this.number = number;
		this.place = place;
		this.launched = launched;
		this.adopted = adopted;
		this.#means = means;
		this.#raise = raise;
		this.#sign = signOf(tenant);
	}

	/** Asks the driver for the first process, in the same tick; `beside`: though another one lives. Never rejects: a failure is raised as empty. */
	async start(beside: boolean): Promise<void> {
		await this.#means.driver.start(this.tenant, this.number, this.place, beside).then(
			({ pid, sockets }) => {
				this.#sockets = sockets;
				this.#launched(pid);
			},
			(error: Error) => {
				this.failure = 'launch';
				this.exit = systemErrorText(error);
				this.#raise('empty');
			},
		);
	}

	/** Takes up what the keeper knows of it. */
	adopt(found: Adoptable): void {
		this.#launched(found.pid);
		for (const socket of found.listening) this.place = placeOf(this.tenant, socket) ?? this.place;
		for (const socket of found.listening) this.onEvent({ type: 'listening', instance: this.number, socket });
		this.onEvent({ type: 'notify', instance: this.number, text: found.notified });
	}

	/** What the driver reports of it. */
	onEvent(event: InstanceEvent): void {
		switch (event.type) {
			case 'listening':
				if (listens(this.tenant, event.socket)) this.#show('listening');
				return;
			case 'elsewhere':
				if (event.call === 'listen') this.elsewhere.listens = event.port;
				else if (event.port < FIRST_FREE_PORT) this.elsewhere.privileged = event.port;
				return;
			case 'notify':
				this.#hear(assignments(event.text));
				return;
			case 'exit':
				this.exit = event.status;
				// A first process that leaves a daemon behind ends with 0: the instance lives as long as any process does.
				if (event.status !== 'exit:0') this.#raise('crash');
				return;
			case 'deaf':
				this.#raise('deaf');
				return;
			case 'empty':
				this.#raise('empty');
				return;
			default:
				event satisfies never;
		}
	}

	/** True where it was made without the socket of that name, so that who waits there needs another one. */
	lacks(socket: string): boolean {
		return this.#sockets !== undefined && !this.#sockets.includes(socket);
	}

	/** Where it answers HTTP. */
	get port(): number {
		return hallName(this.tenant) === undefined ? this.tenant.port : hallPort(this.tenant, this.place);
	}

	/** It is no more starting. */
	stopProbing(): void {
		this.#probing.abort();
	}

	/** `tenant`: as its file is now. */
	facts(tenant: Tenant): InstanceFacts {
		return {
			number: this.number,
			pid: this.#pid,
			says: this.#says,
			adopted: this.adopted,
			stopCause: this.stopCause,
			outdated: launchParts(this.tenant) !== launchParts(tenant),
		};
	}

	#launched(pid: number): void {
		this.#pid = pid;
		this.#show('launched');
	}

	#hear(said: Map<string, string>): void {
		this.#says = said.get('STATUS') ?? this.#says;
		if (said.get('READY') === '1') this.#show('notify');
		if (said.get('STOPPING') === '1') this.#raise('leaving');
	}

	#show(sign: Sign['at']): void {
		if (sign !== this.#sign.at) return;
		if (this.#sign.probe) void this.#probe();
		else this.#raise('ready');
	}

	/** A start that never answers ends by the timer of its state, which aborts the probe. */
	async #probe(): Promise<void> {
		const { signal } = this.#probing;
		await this.#means.prober.probe({ ...this.tenant, port: this.port }, this.number, signal).then(
			() => this.#raise('ready'),
			() => {},
		);
	}
}

/** What takes effect at the next start only. */
function launchParts({ command, cwd, env, user, port, activation, hosts, addresses }: Tenant): string {
	return JSON.stringify([command, cwd, env, user, port, activation, hosts.length > 0, addresses]);
}
