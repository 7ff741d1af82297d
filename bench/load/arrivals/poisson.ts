/**
 * The times, from 0 to `until`, of a Poisson process whose rate varies: candidates come at the highest rate, and each stays with the
 * probability that the rate at its time has of it (thinning: Lewis and Shedler, Simulation of nonhomogeneous Poisson processes by
 * thinning, 1979). Rates are events a ms; none may be above `highest`.
 */
export function poissonTimes(
	rate: (at: number) => number,
	highest: number,
	until: number,
	random: () => number,
): number[] {
	const times: number[] = [];
	for (let at = pause(highest, random); at < until; at += pause(highest, random))
		if (random() * highest < rate(at)) times.push(at);
	return times;
}

/** A time between two events of a steady rate, exponentially distributed. */
export function pause(rate: number, random: () => number): number {
	return -Math.log(1 - random()) / rate;
}

/** A value of `least` or more whose tail falls as a power: the smaller the shape, the heavier (Pareto). */
export function pareto(least: number, shape: number, random: () => number): number {
	return least / (1 - random()) ** (1 / shape);
}
