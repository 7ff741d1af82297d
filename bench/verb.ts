/** Something that `npm run bench -- NAME …` does instead of measuring. */
export interface Verb {
	/** Its words after the name, for the help: `RUN.json --html OUT.html`. */
	readonly usage: string;
	/** One line for the help. */
	readonly summary: string;
	/** Resolves with the exit status. Rejects with an Error for people where the words are wrong: exit status 2. */
	run(words: string[]): Promise<number>;
}
