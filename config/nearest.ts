/**
 * The candidate that a mistyped word most likely meant: at most two edits away, and fewer than it has letters
 * (Levenshtein 1966); undefined where none is.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
	let best: string | undefined;
	let least = Math.min(3, word.length);
	for (const candidate of candidates) {
		// Each letter more or less is an edit: of many thousands few need a closer look.
		if (Math.abs(candidate.length - word.length) >= least) continue;
		const distance = edits(word, candidate);
		if (distance < least) {
			least = distance;
			best = candidate;
		}
	}
	return best;
}

function edits(from: string, to: string): number {
	let row = Array.from({ length: to.length + 1 }, (_, index) => index);
	for (const [index, letter] of [...from].entries()) {
		const next = [index + 1];
		for (const [column, other] of [...to].entries()) {
			const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
			next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
		}
		row = next;
	}
	return row[to.length] ?? 0;
}
