import type { Deaf } from './addresses.ts';
import type { Traffic } from './connections.ts';
import type { Facts } from './facts.ts';
import type { Knocker } from './knocks.ts';
import type { TenantExplanation } from './protocol/control.ts';

/** Who knocked, in words. */
export function knockerText(knocker: Knocker): string {
	switch (knocker.kind) {
		case 'visitor':
			return `${knocker.address} (${knocker.request})`;
		case 'operator':
			return 'an operator';
		case 'socket':
			return `a visitor of ${knocker.name}`;
		case 'keep':
			return 'keep: always';
		default:
			return knocker satisfies never;
	}
}

/** Visitors at one address of a tenant's, which it serves by itself. */
export interface AddressTraffic extends Traffic {
	/** With its port. */
	readonly address: string;
}

/** What passes the edge by. */
export interface Outdoors {
	readonly traffic: readonly AddressTraffic[];
	readonly deaf: readonly Deaf[];
}

/** Why the tenant is awake or asleep, who woke it, and what is next. `failure`: how its last instance failed, in words that go on from "it". */
export function explain(
	facts: Facts,
	outdoors: Outdoors,
	failure: string | undefined = facts.lastFailure?.text,
): Omit<TenantExplanation, 'lastWords'> {
	const { tenant, state } = facts;
	const because: string[] = [stateSentence(facts, outdoors), ...keepSentences(facts), ...outdoorSentences(outdoors)];
	if (facts.waiting > 0) because.push(`${plural(facts.waiting, 'knock')} waiting for an instance.`);
	if (facts.instance?.says !== undefined) because.push(`It says: ${facts.instance.says}`);
	if (facts.instance?.outdated)
		because.push(
			'Its file has changed since it was started: that takes effect at the next start (`innkeeper restart`).',
		);
	if (failure !== undefined) because.push(`The last instance ${failure}.`);
	else if (facts.instance === undefined && facts.lastExit !== undefined)
		because.push(`The last instance ended with ${facts.lastExit}.`);
	return { id: tenant.id, name: tenant.name, state, because, wokenBy: wokenBy(facts), next: nextStep(facts, outdoors) };
}

function stateSentence(facts: Facts, outdoors: Outdoors): string {
	const { state, ahead, leases, instance, since, timerDue, tenant } = facts;
	switch (state) {
		case 'stopped':
			return 'No process of it is there.';
		case 'queued':
			return `It waits for its turn to be started, ${plural(ahead ?? 0, 'tenant')} before it.`;
		case 'starting':
			return 'It has been started and is not ready yet.';
		case 'ready':
			return useSentence(leases, outdoors);
		case 'draining':
			return `It finishes what runs before it is stopped (${instance?.stopCause ?? 'itself'}).`;
		case 'stopping':
			return `It has been told to stop by ${tenant.stop.signal} (${instance?.stopCause ?? 'it failed'}).`;
		case 'failing':
			return 'It failed, and what is left of it is being killed.';
		case 'failed':
			return `It failed at ${time(since)}: visitors are turned away${until(timerDue)}, and the first one after that starts it again.`;
		default:
			return state satisfies never;
	}
}

function useSentence(leases: number, { traffic }: Outdoors): string {
	const uses = connections(traffic);
	if (leases > 0) uses.unshift(`${plural(leases, 'edge worker')} with a lease`);
	if (uses.length > 0) return `It is in use: ${uses.join(', ')}.`;
	return traffic.length > 0 ? 'Nobody has a lease on it or a connection to it.' : 'Nobody has a lease on it.';
}

function connections(traffic: readonly AddressTraffic[]): string[] {
	const used = traffic.filter(({ open }) => open > 0);
	return used.map(({ address, open }) => `${plural(open, 'connection')} to ${address}`);
}

function outdoorSentences({ traffic, deaf }: Outdoors): string[] {
	const waiting = traffic.filter((one) => one.waiting > 0);
	return [
		...waiting.map((one) => `${plural(one.waiting, 'visitor')} in the queue of ${one.address}.`),
		...deaf.map(
			({ address, why, since, retryAt }) =>
				`It cannot be reached at ${address} since ${time(since)}: ${why}. That is tried again at ${time(retryAt)}.`,
		),
	];
}

function until(due: number | undefined): string {
	return due === undefined ? '' : ` until ${time(due)}`;
}

function keepSentences({ tenant, heldDown, instance }: Facts): string[] {
	const sentences: string[] = [];
	if (tenant.keep === 'down') sentences.push(`keep: down in ${tenant.file}: nothing starts it.`);
	if (tenant.keep === 'always') {
		sentences.push(
			heldDown
				? 'keep: always, but an operator stopped it: the next knock starts it.'
				: 'keep: always: it is never reaped.',
		);
	}
	if (instance?.adopted) sentences.push('It was started before the launcher was.');
	return sentences;
}

function wokenBy({ instance, state, lastWake }: Facts): string | null {
	if (instance === undefined || instance.adopted || state === 'starting' || lastWake === undefined) return null;
	return knockerText(lastWake.by);
}

function nextStep(facts: Facts, outdoors: Outdoors): TenantExplanation['next'] {
	const { state, tenant, timerDue, reapDue } = facts;
	const at = timerDue === undefined ? null : time(timerDue);
	switch (state) {
		case 'ready':
			if (tenant.idle.stop === undefined || tenant.keep === 'always') return null;
			return { rung: 'stopped', at: reapDue === undefined ? null : time(reapDue), heldBy: holder(facts, outdoors) };
		case 'queued':
			return { rung: 'starting', at: null, heldBy: 'the caps on starts' };
		case 'starting':
			return { rung: 'failed unless it is ready', at, heldBy: null };
		case 'draining':
			return { rung: 'stopping', at, heldBy: holder(facts, outdoors) };
		case 'stopping':
		case 'failing':
			return { rung: 'killed', at, heldBy: null };
		case 'failed':
			return { rung: 'stopped', at, heldBy: null };
		case 'stopped':
			return null;
		default:
			return state satisfies never;
	}
}

function holder({ leases, leasesComplete }: Facts, { traffic }: Outdoors): string | null {
	const holders = connections(traffic);
	if (leases > 0) holders.unshift(plural(leases, 'lease'));
	if (holders.length > 0) return holders.join(' and ');
	return leasesComplete ? null : 'edge workers that have not repeated their leases yet';
}

function plural(count: number, word: string): string {
	return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function time(ms: number): string {
	return new Date(ms).toISOString();
}
