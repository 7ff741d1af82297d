/** How likely so large a t of either sign is by chance alone, with so many degrees of freedom (Student's distribution). */
export function twoSided(t: number, freedom: number): number {
	return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The t that chance alone exceeds, on either side, with probability `p`. */
export function quantileOfT(p: number, freedom: number): number {
	let low = 0;
	let high = 1e6;
	for (let i = 0; i < HALVINGS; i++) {
		const middle = (low + high) / 2;
		if (twoSided(middle, freedom) > p) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}

const HALVINGS = 80;
const TERMS = 300;
const PRECISION = 1e-14;
const TINY = 1e-300;

/** The regularised incomplete beta function by its continued fraction (Press et al., Numerical Recipes, 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	// The fraction converges fast on one side; the other is the mirror image.
	if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
	const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
	let c = 1;
	let d = 1 / away(1 - ((a + b) * x) / (a + 1));
	let fraction = d;
	for (let m = 1; m < TERMS; m++) {
		const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
		const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		let step = 1;
		for (const term of [even, odd]) {
			d = 1 / away(1 + term * d);
			c = away(1 + term / c);
			step = c * d;
			fraction *= step;
		}
		if (Math.abs(step - 1) < PRECISION) break;
	}
	return front * fraction;
}

function away(value: number): number {
	return Math.abs(value) < TINY ? TINY : value;
}

/** Lanczos' approximation, for x > 0. */
function logGamma(x: number): number {
	const weights = [
		76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2,
		-0.5395239384953e-5,
	];
	const sum = weights.reduce((total, weight, i) => total + weight / (x + 1 + i), 1.000000000190015);
	return (x + 0.5) * Math.log(x + 5.5) - (x + 5.5) + Math.log((2.5066282746310007 * sum) / x);
}
