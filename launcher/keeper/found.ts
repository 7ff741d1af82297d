import type { HeldSocket } from '../drivers/launch.ts';
import { type FoundWorker, isEdgeWorker } from '../edgeworkers.ts';
import type { Adoptable } from '../instance.ts';
import type { Message } from './frames.ts';

/** What the keeper held when the launcher said hello: nothing at the first start, all that lives after a restart. */
export interface Found {
	/** True where another launcher was there before. */
	readonly restarted: boolean;
	readonly lastInstance: number;
	/** Seccomp notification works here. */
	readonly adopts: boolean;
	/** Visitors of public sockets can be made to wait outside here. */
	readonly doors: boolean;
	/** There is a hall. */
	readonly hall: boolean;
	readonly sockets: readonly (HeldSocket & { readonly id: number })[];
	/** `memo`: what was remembered of it; empty: nothing. */
	readonly instances: readonly (Adoptable & { readonly id: number; readonly memo: string })[];
	readonly workers: readonly FoundWorker[];
	/** What was remembered of the house; empty: nothing. */
	readonly memo: string;
}

/** Reads the events between hello and its answer. */
export function readFound(events: readonly Message[], answer: Message): Found {
	const of = (verb: string): Message[] => events.filter((event) => event.verb === verb);
	const lives = of('vps').map((event) => ({
		id: event.number('id'),
		instance: event.number('instance'),
		pid: event.number('pid'),
		started: event.number('started'),
		listening: event.list('listening'),
		notified: event.find('notified') ?? '',
		memo: event.find('memo') ?? '',
	}));
	return {
		restarted: of('vps').length + of('socket').length > 0,
		lastInstance: answer.number('last'),
		adopts: answer.number('adopt') === 1,
		doors: answer.number('doors') === 1,
		hall: answer.number('hall') === 1,
		sockets: of('socket').map((event) => ({
			id: event.number('id'),
			name: event.text('name'),
			at: event.text('at') === 'hall' ? 'hall' : 'host',
			address: event.text('address'),
			port: event.number('port'),
			to: event.text('to') === 'edges' ? 'edges' : 'tenant',
		})),
		instances: lives.filter(({ id }) => !isEdgeWorker(id)),
		workers: lives.filter(({ id }) => isEdgeWorker(id)),
		memo: answer.find('memo') ?? '',
	};
}
