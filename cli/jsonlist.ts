import { plainJson } from '../launcher/protocol/plaintext.ts';
import type { Output } from './context.ts';

/** So much text is written in one go. */
const AT_ONCE = 1 << 16;

/** Prints a JSON array whose items come one by one, each on a line of its own; what it holds does not grow with them. */
export class JsonList {
	readonly #out: Output;
	#text = '[';
	#empty = true;

	constructor(out: Output) {
		this.#out = out;
	}

	add(item: unknown): void {
		this.#text += `${this.#empty ? '' : ','}\n  ${plainJson(JSON.stringify(item))}`;
		this.#empty = false;
		if (this.#text.length < AT_ONCE) return;
		this.#out.write(this.#text);
		this.#text = '';
	}

	end(): void {
		this.#out.write(`${this.#text}${this.#empty ? '' : '\n'}]\n`);
	}
}
