/**
 * Draws tenants as visitors choose them: the one of rank r (from 1) with a probability that falls as 1/r^exponent. Requests for pages
 * behind a proxy follow it with exponents of 0.64 to 0.83 (Breslau et al., Web Caching and Zipf-like Distributions, INFOCOM 1999);
 * visits to whole sites, of which tenants are some, with about 1 (Krashakov et al., On the universality of rank distributions of
 * website popularity, Computer Networks 50, 2006). Gives ranks from 0.
 */
export function zipf(count: number, exponent: number): (random: () => number) => number {
	let sum = 0;
	const sums = Float64Array.from({ length: count }, (_, n) => {
		sum += (n + 1) ** -exponent;
		return sum;
	});
	return (random) => firstAbove(sums, random() * sum);
}

/** The place of the first of these rising numbers that is above the value. */
function firstAbove(rising: Float64Array, value: number): number {
	let low = 0;
	let high = rising.length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((rising[middle] ?? 0) > value) high = middle;
		else low = middle + 1;
	}
	return low;
}
