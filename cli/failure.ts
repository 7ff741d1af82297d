/** What a command says on stderr and exits with; every failure that people can do something about is one. */
export class Failure extends Error {
	/** 1: it did not work; 2: it was asked for wrongly (docs/commands.md). */
	readonly status: 1 | 2;
	/** What to do about it, a line each. */
	readonly advice: readonly string[];

	constructor(message: string, advice: readonly string[] = [], status: 1 | 2 = 1) {
		super(message);
		this.name = 'Failure';
		this.status = status;
		this.advice = advice;
	}
}

/** The command line is wrong. */
export function usageFailure(message: string, command?: string): Failure {
	return new Failure(message, [`see: innkeeper help${command === undefined ? '' : ` ${command}`}`], 2);
}
