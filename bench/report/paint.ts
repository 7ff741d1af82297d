import { styleText } from 'node:util';

/** Marks words for a terminal: what is `good`, what is `bad`, what is a `head`, and what is only said `aside`. */
export type Paint = (how: 'good' | 'bad' | 'head' | 'aside', words: string) => string;

const styles = { good: 'green', bad: ['red', 'bold'], head: 'bold', aside: 'dim' } as const;

/** Colours where the stream is a terminal that shows them, and NO_COLOR (no-color.org) does not forbid it; FORCE_COLOR has its way. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
	return (how, words) => styleText([styles[how]].flat(), words, { stream });
}

/** The words as they are. */
export const plain: Paint = (_, words) => words;
