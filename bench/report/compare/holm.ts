/**
 * The p-values corrected for being many (Holm 1979), in the order given: where nothing changed, the chance that even one of
 * them falls below 0.05 is at most 0.05, however they hang together. A guard that cries wolf once in twenty tables is enough;
 * Benjamini and Hochberg's milder correction would let a twentieth of the changes it names be none.
 */
export function holm(values: readonly number[]): number[] {
	const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
	const corrected: number[] = values.map(() => 1);
	let largest = 0;
	for (const [rank, { value, i }] of order.entries()) {
		largest = Math.max(largest, Math.min(1, value * (values.length - rank)));
		corrected[i] = largest;
	}
	return corrected;
}
