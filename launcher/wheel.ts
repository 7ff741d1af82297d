import type { Clock } from './clock.ts';

/** How fine the wheel counts, in ms: a call comes at most so much too late. */
export const TICK = 5;
const SLOTS = 2048;

/** A call that is due on the wheel, at a tick counted from the epoch. */
export interface Appointment {
	readonly tick: number;
	readonly run: () => void;
}

/**
 * Any number of timers on one: a hashed timer wheel (Varghese and Lauck, SOSP 1987, scheme 6). Setting and cancelling are O(1);
 * one underlying timer waits for the next slot that is not empty, and none is armed when the wheel is.
 */
export class Wheel {
	readonly #clock: Clock;
	/** By tick modulo SLOTS; only those with an appointment are there. */
	readonly #slots = new Map<number, Set<Appointment>>();
	#size = 0;
	/** The last tick whose slot was emptied. */
	#past = 0;
	/** The tick that the underlying timer waits for. */
	#next = Number.POSITIVE_INFINITY;
	#cancel: (() => void) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Calls `run` once, at `due` (as the clock's now) or up to a TICK later. */
	set(due: number, run: () => void): Appointment {
		const now = this.#now();
		if (this.#size === 0) this.#past = now;
		const appointment = { tick: Math.max(now + 1, Math.ceil(due / TICK)), run };
		const slot = this.#slotAt(appointment.tick) ?? new Set();
		this.#slots.set(appointment.tick % SLOTS, slot.add(appointment));
		this.#size += 1;
		// A far appointment is looked at each time that its slot comes round.
		const turns = Math.floor((appointment.tick - now - 1) / SLOTS);
		this.#waitFor(appointment.tick - turns * SLOTS);
		return appointment;
	}

	/** Takes an appointment back; does nothing where it was kept already. */
	cancel(appointment: Appointment): void {
		if (this.#remove(appointment) && this.#size === 0) this.#disarm();
	}

	#turn(): void {
		this.#disarm();
		const now = this.#now();
		const due: Appointment[] = [];
		for (let tick = Math.max(this.#past + 1, now - SLOTS + 1); tick <= now; tick++) {
			for (const appointment of this.#slotAt(tick) ?? []) if (appointment.tick <= now) due.push(appointment);
		}
		this.#past = now;
		// One that was due may have been cancelled by one before it.
		for (const appointment of due) if (this.#remove(appointment)) appointment.run();
		if (this.#size > 0) this.#waitFor(this.#nextOccupied(now));
	}

	#remove(appointment: Appointment): boolean {
		const slot = this.#slotAt(appointment.tick);
		if (slot === undefined || !slot.delete(appointment)) return false;
		if (slot.size === 0) this.#slots.delete(appointment.tick % SLOTS);
		this.#size -= 1;
		return true;
	}

	#nextOccupied(now: number): number {
		let tick = now + 1;
		while (this.#slotAt(tick) === undefined) tick++;
		return tick;
	}

	#waitFor(tick: number): void {
		if (tick >= this.#next) return;
		this.#disarm();
		this.#next = tick;
		this.#cancel = this.#clock.after(Math.max(0, tick * TICK - this.#clock.now()), () => this.#turn());
	}

	#disarm(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#next = Number.POSITIVE_INFINITY;
	}

	#now(): number {
		return Math.floor(this.#clock.now() / TICK);
	}

	#slotAt(tick: number): Set<Appointment> | undefined {
		return this.#slots.get(tick % SLOTS);
	}
}
