/** Steps of one spin: two milliseconds or so of a CPU of the 2020s. */
const STEPS = 1_000_000;
/** V8 compiles the loop in the first ones. */
const WARM_UPS = 10;
const SPINS = 30;

/** Times of the same small work done 30 times in a row, in ms: what differs between two such rows is the machine. */
export function spin(): number[] {
	for (let i = 0; i < WARM_UPS; i++) work();
	return Array.from({ length: SPINS }, () => {
		const began = performance.now();
		work();
		return performance.now() - began;
	});
}

/** What the last work came to; kept, so that no compiler finds the work useless. */
let outcome = 1;

/** Touches no memory and calls nobody (xorshift32, each step waiting for the one before): the CPU's speed and share alone tell. */
function work(): void {
	let state = outcome;
	for (let i = 0; i < STEPS; i++) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
	}
	outcome = state || 1;
}
