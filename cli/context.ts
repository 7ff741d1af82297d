import { writeSync } from 'node:fs';
import { plainJson } from '../launcher/protocol/plaintext.ts';

/** What a command has of the world; main.ts makes it, tests make their own. */
export interface Context {
	readonly out: Output;
	readonly err: Output;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Epoch ms. */
	readonly now: () => number;
	/** Who runs this, by number. */
	readonly user: { readonly uid: number; readonly gid: number };
	/** The folder of the package: of bin/, build/ and launcher/native/. */
	readonly packageFolder: string;
	/** The Node that runs this. */
	readonly node: string;
	/** Puts a program in the place of this process, with an empty environment (execve(2)). */
	readonly become: (program: string, programArguments: readonly string[]) => never;
}

export interface Output {
	write(text: string): void;
	/** A terminal that shows colours. */
	readonly colours: boolean;
	/** Somebody looks at it, and what he sees could act on his terminal. */
	readonly terminal?: boolean;
}

/** Pauses a thread that found a pipe full; nobody ever wakes it. */
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes to a file descriptor and waits until all is taken: process.stdout would make a pipe non-blocking, for whoever has its
 * other descriptors too, and `serve` hands it on. `lost` is told the error's code where no more can be written: EPIPE (of a socket ECONNRESET) where the
 * reader went away (`innkeeper ps | head -1`), ENOSPC where the disk is full.
 */
export function outputTo(fd: number, colours: boolean, lost: (code: string) => never): Output {
	return {
		colours,
		write(text) {
			let rest = Buffer.from(text);
			while (rest.length > 0) {
				try {
					rest = rest.subarray(writeSync(fd, rest));
				} catch (error) {
					const { code = 'unknown' } = error as NodeJS.ErrnoException;
					if (code !== 'EAGAIN') lost(code);
					Atomics.wait(pause, 0, 0, 5);
				}
			}
		},
	};
}

/** Prints one JSON document. */
export function printJson(context: Context, value: unknown): void {
	context.out.write(`${plainJson(JSON.stringify(value, null, 2))}\n`);
}
