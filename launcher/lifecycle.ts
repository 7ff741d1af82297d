/**
 * The life of an instance as a table: `transition(state, event)` says what comes next and which effects the supervisor performs,
 * in order. The table knows no time, no numbers and no tenants; whoever wants to know what happens when, reads it here.
 * (The sleeping rungs freezing, frozen, reclaimed, thawing, checkpointing, checkpointed and restoring get rows of their own.)
 */

/** `queued`: waits for its turn to start. `failing`: broken, being killed whole. `failed`: broken and empty, backs off. */
export type State = 'stopped' | 'queued' | 'starting' | 'ready' | 'draining' | 'stopping' | 'failing' | 'failed';

export type Event =
	/** Somebody wants an instance: a visitor, an operator, `keep: always`. */
	| 'knock'
	/** The queue of starts gives it its turn. */
	| 'slot'
	/** The queue of starts takes no more. */
	| 'busy'
	/** A restarted launcher found its instance alive. */
	| 'adopted'
	/** It can answer. */
	| 'ready'
	/** A lease was taken. */
	| 'leased'
	/** No lease is left. */
	| 'unleased'
	/** Its idle time is over, or its place is needed, and nobody has a lease. */
	| 'idle'
	/** The operator, its file, or the end of the house wants it down. */
	| 'stop'
	/** It says that it is about to stop (STOPPING=1, sd_notify(3)). */
	| 'leaving'
	/** It has closed the socket that its visitors come by: nobody is accepted any more. */
	| 'deaf'
	/** Its first process ended with a failure; others may be left. */
	| 'crash'
	/** No process of it is left, or none could be started. */
	| 'empty'
	/** The state's own timer fired. */
	| 'timeout'
	/** Failures count no more: its file changed, an operator wakes it, or it is forgiven. */
	| 'renewed';

export type Effect =
	/** Ask the queue of starts for a turn; it answers with slot or busy. */
	| 'queue'
	/** Make the instance. */
	| 'launch'
	/** Give the instance to all who wait, edges with a lease. */
	| 'grant'
	/** Tell the reaper whether anybody uses it now. */
	| 'mind'
	/** Tell the reaper that it is none of its business any more. */
	| 'unmind'
	/** Ask the edges to finish and to give their leases back; it raises unleased where there are none. */
	| 'revoke'
	/** As revoke, and who was not accepted yet is to wait for the next instance. */
	| 'deafen'
	/** Void all leases and tell the edges. */
	| 'gone'
	/** Send the tenant's stop signal. */
	| 'signal'
	/** Kill it whole. */
	| 'kill'
	/** Deny all who wait: not awake in time. */
	| 'denyTimeout'
	/** Deny all who wait: too much is being started. */
	| 'denyBusy'
	/** Deny all who wait: it failed. */
	| 'denyFailed'
	/** Find out how long the next start must wait: not at all raises renewed, else all who wait are denied. */
	| 'backOff'
	/** It is down: start again if somebody waits or `keep` wants it, else watch its public sockets. */
	| 'rest';

/** A cell without a move: the knock waits for what comes; the event changes nothing; the event cannot come in this state. */
type Still = 'waits' | 'ignored' | 'never';

type Move = { readonly to: State; readonly effects: readonly Effect[] };

function to(state: State, ...effects: Effect[]): Move {
	return { to: state, effects };
}

export const lifecycle: Readonly<Record<State, Readonly<Record<Event, Move | Still>>>> = {
	stopped: {
		knock: to('queued', 'queue'),
		slot: 'ignored',
		busy: 'ignored',
		adopted: to('starting'),
		ready: 'never',
		leased: 'ignored',
		unleased: 'ignored',
		idle: 'never',
		stop: 'ignored',
		leaving: 'never',
		deaf: 'never',
		crash: 'never',
		empty: 'never',
		timeout: 'never',
		renewed: to('stopped', 'rest'),
	},
	queued: {
		knock: 'waits',
		slot: to('starting', 'launch'),
		busy: to('stopped', 'denyBusy', 'rest'),
		adopted: 'never',
		ready: 'never',
		leased: 'ignored',
		unleased: 'ignored',
		idle: 'never',
		stop: to('stopped', 'rest'),
		leaving: 'never',
		deaf: 'never',
		crash: 'never',
		empty: 'never',
		timeout: to('stopped', 'denyTimeout', 'rest'),
		renewed: 'ignored',
	},
	starting: {
		knock: 'waits',
		slot: 'never',
		busy: 'never',
		adopted: 'never',
		ready: to('ready', 'grant', 'mind'),
		leased: 'ignored',
		unleased: 'ignored',
		idle: 'never',
		stop: to('stopping', 'signal'),
		leaving: 'ignored',
		deaf: 'ignored',
		crash: to('failing', 'kill'),
		empty: to('failed', 'backOff'),
		timeout: to('failing', 'denyTimeout', 'kill'),
		renewed: 'ignored',
	},
	ready: {
		knock: to('ready', 'grant'),
		slot: 'never',
		busy: 'never',
		adopted: 'never',
		ready: 'ignored',
		leased: to('ready', 'mind'),
		unleased: to('ready', 'mind'),
		idle: to('stopping', 'signal'),
		stop: to('draining', 'unmind', 'revoke'),
		leaving: to('draining', 'unmind', 'revoke'),
		deaf: to('draining', 'unmind', 'deafen'),
		crash: to('failing', 'unmind', 'gone', 'kill'),
		empty: to('failed', 'unmind', 'gone', 'backOff'),
		timeout: 'never',
		renewed: to('ready', 'mind'),
	},
	draining: {
		knock: 'waits',
		slot: 'never',
		busy: 'never',
		adopted: 'never',
		ready: 'ignored',
		leased: 'ignored',
		unleased: to('stopping', 'signal'),
		idle: 'never',
		stop: 'ignored',
		leaving: 'ignored',
		deaf: to('draining', 'deafen'),
		crash: to('stopping', 'gone', 'kill'),
		empty: to('stopped', 'gone', 'rest'),
		timeout: to('stopping', 'signal'),
		renewed: 'ignored',
	},
	stopping: {
		knock: 'waits',
		slot: 'never',
		busy: 'never',
		adopted: 'never',
		ready: 'ignored',
		leased: 'ignored',
		unleased: 'ignored',
		idle: 'never',
		stop: 'ignored',
		leaving: 'ignored',
		deaf: 'ignored',
		crash: 'ignored',
		empty: to('stopped', 'gone', 'rest'),
		timeout: to('stopping', 'kill'),
		renewed: 'ignored',
	},
	failing: {
		knock: 'waits',
		slot: 'never',
		busy: 'never',
		adopted: 'never',
		ready: 'ignored',
		leased: 'ignored',
		unleased: 'ignored',
		idle: 'never',
		stop: to('stopping', 'kill'),
		leaving: 'ignored',
		deaf: 'ignored',
		crash: 'ignored',
		empty: to('failed', 'backOff'),
		timeout: to('failing', 'kill'),
		renewed: 'ignored',
	},
	failed: {
		knock: to('failed', 'denyFailed'),
		slot: 'never',
		busy: 'never',
		adopted: 'never',
		ready: 'never',
		leased: 'ignored',
		unleased: 'ignored',
		idle: 'never',
		stop: to('stopped', 'rest'),
		leaving: 'never',
		deaf: 'never',
		crash: 'never',
		empty: 'never',
		timeout: to('stopped', 'rest'),
		renewed: to('stopped', 'rest'),
	},
};

/** The next state, and what is to be done on the way to it. `expected` is false for an event that cannot come. */
export interface Transition {
	readonly next: State;
	readonly effects: readonly Effect[];
	readonly expected: boolean;
}

/** Looks one cell up. */
export function transition(state: State, event: Event): Transition {
	const cell = lifecycle[state][event];
	if (typeof cell === 'string') return { next: state, effects: [], expected: cell !== 'never' };
	return { next: cell.to, effects: cell.effects, expected: true };
}

/** The states that end by themselves: each owns exactly one timer, the others own none. */
export function isTransitional(state: State): boolean {
	return state !== 'stopped' && state !== 'ready';
}
