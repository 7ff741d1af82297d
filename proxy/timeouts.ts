import type { EdgeSettings } from '../launcher/protocol/edge.ts';
import type { DeadlineList, Deadlines } from './deadlines.ts';

/** How long (ms) a visitor waits to hear whose host it asked for: it takes long only while a launcher starts. */
const RESOLVE = 10_000;

/** How long (ms) a visitor may pause in what it still sends behind our last answer; read on, so that the answer is not lost to a reset. */
const CLOSING = 5000;

/** How long (ms) the silence of a tenant may last once its visitor has closed its half: who is gone looks the same. */
const HALF_OPEN = 5000;

/** After so long (ms) without a word on a new connection the launcher is asked whether anybody accepts there. */
export const QUIET = 1000;

/** How long (ms) after the death of a pooled connection the word of its instance's death may still come. */
const LAST_WORD = 25;

/** The deadlines of the edge by what they bound; see EdgeSettings. */
export class Timeouts {
	readonly head: DeadlineList;
	readonly idle: DeadlineList;
	readonly body: DeadlineList;
	readonly connect: DeadlineList;
	readonly answer: DeadlineList;
	/** The first part of `answer` on a new connection, and the rest of it. */
	readonly quiet: DeadlineList;
	readonly answerRest: DeadlineList;
	readonly resolve: DeadlineList;
	readonly closing: DeadlineList;
	readonly halfOpen: DeadlineList;
	readonly lastWord: DeadlineList;

	constructor(deadlines: Deadlines, durations: EdgeSettings['timeouts']) {
		this.head = deadlines.create(durations.head);
		this.idle = deadlines.create(durations.idle);
		this.body = deadlines.create(durations.body);
		this.connect = deadlines.create(durations.connect);
		this.answer = deadlines.create(durations.answer);
		this.quiet = deadlines.create(Math.min(QUIET, durations.answer));
		this.answerRest = deadlines.create(durations.answer - this.quiet.duration);
		this.resolve = deadlines.create(RESOLVE);
		this.closing = deadlines.create(CLOSING);
		this.halfOpen = deadlines.create(HALF_OPEN);
		this.lastWord = deadlines.create(LAST_WORD);
	}

	/** The new durations hold for what is waiting already, too. */
	change(durations: EdgeSettings['timeouts']): void {
		this.head.duration = durations.head;
		this.idle.duration = durations.idle;
		this.body.duration = durations.body;
		this.connect.duration = durations.connect;
		this.answer.duration = durations.answer;
		this.quiet.duration = Math.min(QUIET, durations.answer);
		this.answerRest.duration = durations.answer - this.quiet.duration;
	}
}
