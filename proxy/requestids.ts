import { randomBytes } from 'node:crypto';

/** Ids for requests that bring none: unique over workers and restarts by a random part, in a worker by a count. */
export class RequestIds {
	readonly #prefix = randomBytes(9).toString('base64url');
	#count = 0;

	next(): string {
		return `${this.#prefix}-${++this.#count}`;
	}
}
