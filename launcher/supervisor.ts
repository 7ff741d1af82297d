import type { Tenant } from '../tenants/tenant.ts';
import type { Occurrence, StopCause, StopOrder } from './announcement.ts';
import type { InstanceEvent } from './driver.ts';
import { type HeldSocket, hallPort, type Place, publicSockets } from './drivers/launch.ts';
import type { Facts } from './facts.ts';
import { failureText } from './failure.ts';
import { Farewell } from './farewell.ts';
import { type Adoptable, Instance } from './instance.ts';
import { type Answer, type Knock, type Knocker, Knocks, type Refusal } from './knocks.ts';
import { type Effect, type Event, type State, transition } from './lifecycle.ts';
import type { Past } from './past.ts';
import { takesEarly, waitsOutside } from './readiness.ts';
import { isVisitedOutside, type ReapCause, type Sleeper } from './reaper.ts';
import type { Starter } from './starts.ts';
import type { Surroundings } from './surroundings.ts';
import { Undeterred } from './undeterred.ts';

/** A killed VPS that is not empty after so long, in ms, is killed again: a process may have been stuck in the kernel. */
const KILL_AGAIN = 1_000;
/** What visitors of a tenant that is kept down are told to wait, in seconds. */
const DOWN_RETRY = 60;

/** Performs the lifecycle of one tenant's instances; the table decides, the supervisor acts (lifecycle.ts). */
export class Supervisor implements Starter, Sleeper {
	#tenant: Tenant;
	readonly #around: Surroundings;
	#past: Past;
	readonly #knocks: Knocks;
	readonly #farewell: Farewell;
	#state: State = 'stopped';
	/** Since when, as the clock's now. */
	#since: number;
	#instance: Instance | undefined;
	/** Who made the last launch necessary, and when he knocked (as the clock's now). */
	#waker: { readonly knocker: Knocker; readonly at: number } | undefined;
	/** When the state's own timer fires, and what takes it back. */
	#timer: { readonly due: number; readonly cancel: () => void } | undefined;
	/** As the clock's now. */
	#lastUse = 0;
	/** Why it may not start again. */
	#ended: 'removed' | 'closing' | 'aside' | undefined;
	/** Its live instance is another tenant's, which had the id before. */
	#foreign = false;
	/** It is queued, but not among the starts yet: such an instance is left. */
	#held = false;
	/** Where its next instance is to answer in the hall. */
	#place: Place;
	#stopped: (() => void)[] = [];
	#inbox: Event[] = [];
	#stepping = false;

	constructor(tenant: Tenant, past: Past, around: Surroundings, place: Place = 1) {
		this.#tenant = tenant;
		this.#place = place;
		this.#past = past;
		this.#since = past.since;
		this.#around = around;
		this.#knocks = new Knocks(around.clock);
		this.#farewell = new Farewell(around.clock, around.driver);
	}

	get tenant(): Tenant {
		return this.#tenant;
	}

	get state(): State {
		return this.#state;
	}

	/** The tenant as its live instance was launched; undefined where there is none. */
	get serving(): Tenant | undefined {
		return this.#instance?.tenant;
	}

	/** True where its live instance is another tenant's, which had the id before. */
	get isForeign(): boolean {
		return this.#foreign;
	}

	/** The live instance: its number, and where it answers in the hall. */
	get live(): { readonly number: number; readonly place: Place; readonly port: number } | undefined {
		return this.#instance;
	}

	/** True where its instance accepts nobody any more. */
	get isDeaf(): boolean {
		return this.#instance?.stopCause === 'deaf';
	}

	/** Its instance, which finishes what it has, is the last one here: who waits, and who knocks from now on, is another's. */
	stepAside(): readonly Knock[] {
		this.#ended = 'aside';
		return this.#knocks.take();
	}

	/** Takes that back: its visitors are its own again. */
	stepBack(): void {
		if (this.#ended === 'aside') this.#ended = undefined;
	}

	/** Answers with an instance that can take visitors, now or later; an edge worker has the lease on it by then. */
	activate(knocker: Knocker, answer: Answer): void {
		const refusal = this.#refusal();
		if (refusal !== undefined) {
			answer({ granted: false, ...refusal });
			this.#turnAway();
			this.#leaveAtRest();
			return;
		}
		this.#knocks.join(knocker, answer);
		if (knocker.kind === 'socket' && this.#instance?.lacks(knocker.name)) this.#stopFor('file');
		if (knocker.kind === 'operator') this.#renew();
		this.#dispatch('knock');
	}

	/** What the driver reports; events of an instance that is gone are ignored. */
	onEvent(event: InstanceEvent): void {
		if (this.#instance?.number === event.instance) this.#instance.onEvent(event);
	}

	/** An edge worker gave its lease back, `idle` ms after its last use. */
	leaseReleased(worker: number, instance: number, idle: number): void {
		if (this.#instance?.number !== instance) return;
		if (!this.#around.leases.release(worker, this.#tenant.id, instance)) return;
		this.#lastUse = Math.max(this.#lastUse, this.#around.clock.now() - Math.max(0, idle));
		if (this.#free()) this.#dispatch('unleased');
	}

	/** An edge worker says that it has a lease; false where the instance is dead, so that the lease is void. */
	leaseRepeated(worker: number, instance: number): boolean {
		if (this.#instance?.number !== instance || this.#state === 'failing') return false;
		// It was ready before the launcher was restarted, or there would be no lease.
		if (this.#state === 'starting' && this.#instance.adopted) this.#dispatch('ready');
		if (this.#state === 'starting') return false;
		this.#around.leases.take(worker, this.#tenant.id, instance);
		this.#dispatch('leased');
		if (this.#state === 'draining') this.#around.edges.revoke(this.#tenant.id, instance);
		return true;
	}

	/** The edge worker's knocks are forgotten: it is gone, or will knock again. */
	forgetKnocks(worker: number): void {
		this.#knocks.forget(worker);
	}

	/** The book of leases is complete again: what may have been in use until now, is free if the book says so. */
	leasesComplete(): void {
		this.#lastUse = this.#around.clock.now();
		if (this.#free()) this.#dispatch('unleased');
	}

	/** Stops the instance, gently; resolves when no process of it is left. Who waits meanwhile gets the next one. */
	stop(order: StopOrder): Promise<void> {
		if (order === 'operator') this.#past.heldDown = true;
		this.#stopFor(order);
		return this.gone;
	}

	/** Resolves when no process of its instance is left. */
	get gone(): Promise<void> {
		if (this.#instance === undefined) return Promise.resolve();
		return new Promise((resolve) => this.#stopped.push(resolve));
	}

	/** The tenant's file changed. What needs a new process takes effect at the next start. */
	apply(tenant: Tenant): void {
		this.#tenant = tenant;
		this.#ended = undefined;
		this.#past.heldDown = false;
		this.#past.alone = false;
		if (tenant.keep === 'down') this.#denyAll();
		this.#renew();
		const isNew = ({ name, to }: HeldSocket): boolean => to === 'tenant' && this.#instance?.lacks(name) === true;
		if (publicSockets(tenant).some(isNew)) this.#around.driver.watch(tenant);
		if (tenant.keep === 'down') this.#stopFor('file');
	}

	/** Another tenant has the id from now on: who waits is sent away, the instance drains, and the next one is the other's. */
	hand(tenant: Tenant, past: Past): void {
		this.#knocks.deny({ reason: 'unknown', retryAfter: 1 });
		this.#tenant = tenant;
		this.#past = past;
		this.#ended = undefined;
		this.disown();
		this.#stopFor('file');
	}

	/** Another tenant has the id from now on: its instance, if there is one, is the former one's. */
	disown(): void {
		this.#foreign = this.#instance !== undefined;
	}

	/** No instance of another tenant is left that its own had to wait for. */
	proceed(): void {
		if (this.#held && this.#state === 'queued') this.#ask();
	}

	/** The tenant's file is gone, or the house closes: it is stopped and starts no more. Resolves as stop does. */
	end(why: 'removed' | 'closing'): Promise<void> {
		this.#ended = why;
		this.#denyAll();
		return this.stop(why === 'removed' ? 'file' : 'closing');
	}

	/** Takes over an instance that outlived the last launcher. The supervisor must be a new one. */
	adopt(found: Adoptable): void {
		this.#instance = this.#newInstance(found.instance, found.started, true);
		this.#past.wakes += 1;
		this.#lastUse = this.#around.clock.now();
		this.#dispatch('adopted');
		this.#announce({ type: 'adopted' });
		this.#instance?.adopt(found);
		this.#place = this.#instance?.place ?? this.#place;
	}

	/** Called by the queue of starts: it is this tenant's turn. */
	go(): void {
		this.#dispatch('slot');
	}

	/** Asked by the queue of starts. */
	get patient(): boolean {
		return this.#knocks.patient;
	}

	/** Called by the reaper. */
	reap(idle: number, cause: ReapCause): void {
		this.#announce({ type: 'reaped', cause, after: idle });
		if (this.#instance !== undefined) this.#instance.stopCause = cause;
		this.#dispatch('idle');
	}

	/** Called by the reaper. No edge worker hears the silence of a program whose visitors pass it by. */
	keptAwake(): void {
		const instance = this.#instance?.number;
		if (instance === undefined) return;
		this.#around.driver.deafOutside(this.#tenant, instance).then(
			(deaf) => deaf && this.onEvent({ type: 'deaf', instance }),
			() => {}, // It is gone, which is told by itself.
		);
	}

	/** All that is known now. */
	facts(): Facts {
		const { leases, reaper, starts } = this.#around;
		const { lastExit, lastFailure, lastWake, wakes, heldDown } = this.#past;
		const instance = this.#instance;
		return {
			tenant: this.#tenant,
			state: this.#state,
			since: this.#since,
			wakes,
			lastExit,
			lastFailure,
			lastWake,
			heldDown,
			instance: instance?.facts(this.#tenant),
			leases: leases.count(this.#tenant.id, instance?.number ?? 0),
			leasesComplete: leases.complete,
			waiting: this.#knocks.size,
			ahead: starts.ahead(this),
			timerDue: this.#timer?.due,
			reapDue: reaper.dueAt(this),
		};
	}

	/** Takes one step of the table after the other: an event that an effect raises waits until the step is done. */
	#dispatch(event: Event): void {
		this.#inbox.push(event);
		if (this.#stepping) return;
		this.#stepping = true;
		const done = new Undeterred();
		for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#step(next, done);
		this.#stepping = false;
		this.#leaveAtRest();
		done.tell();
	}

	#step(event: Event, done: Undeterred): void {
		const before = this.#state;
		const { next, effects, expected } = transition(before, event);
		if (!expected) done.try(() => this.#announce({ type: 'unexpected', state: before, event }));
		if (next !== before) done.try(() => this.#enter(next));
		else if (event === 'timeout' && expected) this.#arm(KILL_AGAIN);
		for (const effect of effects) done.try(() => this.#perform(effect, event));
		if (event === 'empty') done.try(() => this.#bury());
	}

	#enter(state: State): void {
		this.#state = state;
		this.#since = this.#around.clock.now();
		if (state === 'stopped') this.#past.since = this.#since;
		if (state !== 'starting') this.#instance?.stopProbing();
		if (state !== 'draining') this.#farewell.end();
		this.#arm(this.#timeIn(state));
		this.#around.starts.follow(this, state);
	}

	/** How long the state may last, in ms; undefined where it does not end by itself, or its effect sets the time. */
	#timeIn(state: State): number | undefined {
		const { start, stop } = this.#tenant;
		switch (state) {
			case 'queued':
			case 'starting':
				return start.timeout;
			case 'draining':
				return stop.drain;
			case 'stopping':
				return stop.grace;
			case 'failing':
				return KILL_AGAIN;
			case 'stopped':
			case 'ready':
			case 'failed':
				return undefined;
			default:
				return state satisfies never;
		}
	}

	#arm(ms: number | undefined): void {
		this.#timer?.cancel();
		this.#timer = undefined;
		if (ms === undefined) return;
		const cancel = this.#around.clock.after(ms, () => this.#dispatch('timeout'));
		this.#timer = { due: this.#around.clock.now() + ms, cancel };
	}

	#perform(effect: Effect, event: Event): void {
		const { driver, edges, leases, reaper } = this.#around;
		const { id } = this.#tenant;
		switch (effect) {
			case 'queue':
				this.#waker = this.#knocks.first;
				this.#past.heldDown = false;
				this.#held = this.#around.mustWait();
				if (!this.#held) this.#ask();
				return;
			case 'launch':
				this.#launch();
				return;
			case 'grant':
				this.#grant(event === 'ready');
				return;
			case 'mind':
				if (this.#free()) reaper.mind(this, this.#lastUse);
				else reaper.unmind(this);
				return;
			case 'unmind':
				reaper.unmind(this);
				return;
			case 'revoke':
				if (this.#instance !== undefined) this.#instance.stopCause ??= 'itself';
				this.#shut();
				this.#farewell.begin(this.#tenant, () => {
					if (this.#free()) this.#dispatch('unleased');
				});
				if (this.#free()) this.#dispatch('unleased');
				else this.#toInstance((number) => edges.revoke(id, number));
				return;
			case 'deafen':
				if (this.#instance !== undefined) this.#instance.stopCause ??= 'deaf';
				if (this.#free()) this.#dispatch('unleased');
				else this.#toInstance((number) => edges.deaf(id, number));
				return;
			case 'gone':
				this.#toInstance((number) => {
					if (leases.end(id, number) || !leases.complete) edges.gone(id, number);
				});
				return;
			case 'signal':
				this.#shut();
				this.#toInstance((number) => driver.signal(id, number, this.#tenant.stop.signal));
				return;
			case 'kill':
				this.#toInstance((number) => driver.kill(id, number));
				return;
			case 'denyTimeout':
				if (this.#instance !== undefined) this.#instance.failure = 'timeout';
				this.#noteFailure();
				this.#deny({ reason: 'timeout', retryAfter: 1 });
				return;
			case 'denyBusy':
				if (!this.#yields()) this.#deny({ reason: 'busy', retryAfter: 1 });
				return;
			case 'denyFailed':
				this.#deny({ reason: 'failed', retryAfter: this.#secondsLeft() });
				return;
			case 'backOff':
				this.#backOff();
				return;
			case 'rest':
				this.#rest();
				return;
			default:
				effect satisfies never;
		}
	}

	/** Who knocks at a public socket from now on waits for the next instance. */
	#shut(): void {
		if (this.#instance !== undefined && isVisitedOutside(this.#instance.tenant))
			this.#around.driver.shut(this.#instance.tenant);
	}

	#ask(): void {
		this.#held = false;
		if (!this.#around.starts.ask(this)) this.#dispatch('busy');
	}

	#launch(): void {
		const { clock, nextInstance } = this.#around;
		this.#instance = this.#newInstance(nextInstance(), clock.now(), false);
		void this.#instance.start(this.#around.hasOther());
		this.#tellEarly();
	}

	/** Lets the edge connect while the program starts: the first request finds a connection that was accepted already. */
	#tellEarly(): void {
		const knocker = this.#knocks.first?.knocker;
		if (knocker?.kind !== 'visitor' || !takesEarly(this.#tenant)) return;
		this.#around.edges.starting(knocker.worker, this.#tenant.id, hallPort(this.#tenant, this.#place));
	}

	#newInstance(number: number, launched: number, adopted: boolean): Instance {
		const { driver, prober } = this.#around;
		const instance: Instance = new Instance(
			this.#tenant,
			number,
			this.#place,
			launched,
			adopted,
			{ driver, prober },
			(event) => {
				if (this.#instance === instance) this.#dispatch(event);
			},
		);
		return instance;
	}

	#grant(woken: boolean): void {
		const instance = this.#instance;
		if (instance === undefined) return;
		const { clock, driver, leases } = this.#around;
		this.#lastUse = clock.now();
		if (woken) {
			instance.ready = clock.now();
			if (waitsOutside(instance.tenant)) driver.admit(instance.tenant);
			this.#past.lastFailure = undefined;
		}
		this.#knocks.grant(instance.number, woken ? 'start' : 'none', (worker) => {
			leases.take(worker, this.#tenant.id, instance.number);
			this.#dispatch('leased');
		});
		// The visitors first: to print a line takes time.
		if (woken) this.#noteWake(instance);
	}

	#noteWake(instance: Instance): void {
		if (instance.adopted || instance.ready === undefined || this.#waker === undefined) return;
		const { knocker: by, at } = this.#waker;
		const ms = instance.ready - at;
		this.#past.wakes += 1;
		this.#past.lastWake = { at: instance.ready, by, ms };
		this.#announce({ type: 'woken', by, ms });
	}

	#backOff(): void {
		const retryIn = this.#retryIn();
		if (retryIn === undefined) this.#deny({ reason: 'failed', retryAfter: 1 });
		if (retryIn === undefined || retryIn === 0) {
			this.#dispatch('renewed');
			return;
		}
		this.#arm(retryIn);
		this.#deny({ reason: 'failed', retryAfter: this.#secondsLeft() });
	}

	/** How long the next start must wait after an end that nobody asked for, in ms; undefined: another one goes on. */
	#retryIn(): number | undefined {
		const instance = this.#instance;
		if (instance === undefined) return 0;
		const { ready, failure, exit } = instance;
		// A server may end with 0 when it has nothing to do, unless it is to run always.
		if (ready !== undefined && exit === 'exit:0' && this.#tenant.keep !== 'always') {
			this.#announce({ type: 'stopped', cause: 'itself' });
			return 0;
		}
		this.#noteFailure();
		this.#around.driver.lookAgain(instance.tenant);
		const yields = ready === undefined && this.#yields();
		if (yields) this.#past.alone = true;
		const { backoff } = this.#past;
		const retryIn = yields
			? undefined
			: ready === undefined
				? backoff.startFailed()
				: backoff.crashed(this.#around.clock.now() - ready);
		this.#announce({ type: 'failed', failure, text: failureText(instance), retryIn });
		return retryIn;
	}

	/** True where it was started beside another one, which goes on. */
	#yields(): boolean {
		return this.#ended === 'aside' || (this.#ended === undefined && this.#around.yields());
	}

	/** Whoever asks why is told from now on. */
	#noteFailure(): void {
		const instance = this.#instance;
		if (instance !== undefined) this.#past.lastFailure = { text: failureText(instance), launched: instance.launched };
	}

	#rest(): void {
		if (this.#around.relieved()) return;
		const always = this.#tenant.keep === 'always' && !this.#past.heldDown;
		if (this.#refusal() === undefined && always && this.#knocks.size === 0) {
			this.#knocks.join({ kind: 'keep' }, () => {});
		}
		if (this.#knocks.size > 0) this.#dispatch('knock');
		else if (this.#ended === undefined) this.#around.driver.watch(this.#tenant);
	}

	/** The instance has no process any more. */
	#bury(): void {
		if (this.#instance === undefined) return;
		const { stopCause, ready, exit } = this.#instance;
		if (stopCause !== undefined) this.#announce({ type: 'stopped', cause: stopCause });
		if (stopCause !== undefined && stopCause !== 'deaf' && ready !== undefined) this.#past.backoff.reset();
		this.#past.lastExit = exit ?? this.#past.lastExit;
		this.#instance = undefined;
		this.#foreign = false;
		for (const resolve of this.#stopped.splice(0)) resolve();
	}

	#renew(): void {
		this.#past.backoff.reset();
		this.#dispatch('renewed');
	}

	#denyAll(): void {
		const refusal = this.#refusal();
		if (refusal !== undefined) this.#deny(refusal);
	}

	#deny(refusal: Refusal): void {
		this.#knocks.deny(refusal);
		this.#turnAway();
	}

	/** Who waits at a public socket has nobody to tell him to go: he is, where no process of the tenant is left to see it. */
	#turnAway(): void {
		const { driver } = this.#around;
		const empty = this.#state === 'stopped' || this.#state === 'queued' || this.#state === 'failed';
		if (empty && this.#ended === undefined) driver.turnAway(this.#tenant);
	}

	#stopFor(cause: StopCause): void {
		if (this.#instance !== undefined) this.#instance.stopCause ??= cause;
		this.#dispatch('stop');
	}

	/**
	 * True where nobody has a lease, no edge worker may have one that the book does not know, and nobody who passes the edge by
	 * keeps it from ending its drain.
	 */
	#free(): boolean {
		const { leases } = this.#around;
		return leases.complete && leases.count(this.#tenant.id, this.#instance?.number ?? 0) === 0 && this.#farewell.over;
	}

	/** Why nobody may have an instance at all. */
	#refusal(): Refusal | undefined {
		if (this.#ended === 'removed') return { reason: 'unknown', retryAfter: 1 };
		if (this.#ended !== undefined) return { reason: 'failed', retryAfter: 1 };
		if (this.#tenant.keep === 'down') return { reason: 'failed', retryAfter: DOWN_RETRY };
		return undefined;
	}

	/** Whole seconds until the state's timer fires, 1 or more (Retry-After, RFC 9110 10.2.3). */
	#secondsLeft(): number {
		const ms = (this.#timer?.due ?? 0) - this.#around.clock.now();
		return Math.max(1, Math.ceil(ms / 1000));
	}

	#toInstance(act: (number: number) => void): void {
		if (this.#instance !== undefined) act(this.#instance.number);
	}

	#announce(occurrence: Occurrence): void {
		this.#around.announce({ ...occurrence, tenant: this.#tenant, instance: this.#instance?.number });
	}

	#leaveAtRest(): void {
		if (this.#state === 'stopped' && this.#knocks.size === 0 && !this.#stepping) this.#around.atRest();
	}
}
