/** What many hold together over time, from 0 to `length`: added up as amounts from one time to another, in any order. */
export class Holding {
	readonly #length: number;
	#area = 0;
	readonly #times: number[] = [];
	readonly #changes: number[] = [];

	constructor(length: number) {
		this.#length = length;
	}

	/** Somebody holds the amount from one time to another; what is after the end does not count. */
	hold(from: number, to: number, amount: number): void {
		const until = Math.min(to, this.#length);
		if (until <= from || amount === 0) return;
		this.#area += (until - from) * amount;
		this.#times.push(from, until);
		this.#changes.push(amount, -amount);
	}

	/** The mean over the whole time, and the most that was held at once. */
	sum(): { readonly mean: number; readonly peak: number } {
		// What ends at a time makes room for what begins at it, or a tenant that goes on would count twice.
		const order = Uint32Array.from(this.#times.keys()).sort(
			(one, other) => this.#at(one) - this.#at(other) || this.#change(one) - this.#change(other),
		);
		let [now, peak] = [0, 0];
		for (const n of order) {
			now += this.#change(n);
			peak = Math.max(peak, now);
		}
		return { mean: this.#area / this.#length, peak };
	}

	#at(n: number): number {
		return this.#times[n] ?? 0;
	}

	#change(n: number): number {
		return this.#changes[n] ?? 0;
	}
}
