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

/** Why the tenant is awake or asleep, who woke it, and what is next. */
export function explain(facts: Facts): TenantExplanation {
	const { tenant, state } = facts;
	const because = [stateSentence(facts), ...keepSentences(facts)];
	if (facts.waiting > 0) because.push(`${plural(facts.waiting, 'knock')} waiting for an instance.`);
	if (facts.instance?.says !== undefined) because.push(`It says: ${facts.instance.says}`);
	if (facts.instance?.outdated)
		because.push('Its file has changed since it was started: that takes effect at the next start.');
	if (facts.instance === undefined && facts.lastExit !== undefined)
		because.push(`The last instance ended with ${facts.lastExit}.`);
	return { id: tenant.id, name: tenant.name, state, because, wokenBy: wokenBy(facts), next: nextStep(facts) };
}

function stateSentence({ state, ahead, leases, instance, since, tenant }: Facts): string {
	switch (state) {
		case 'stopped':
			return 'No process of it is there.';
		case 'queued':
			return `It waits for its turn to be started, ${plural(ahead ?? 0, 'tenant')} before it.`;
		case 'starting':
			return 'It has been started and is not ready yet.';
		case 'ready':
			return leases > 0 ? `It is in use: ${plural(leases, 'edge worker')} with a lease.` : `Nobody has a lease on it.`;
		case 'draining':
			return `It finishes what runs before it is stopped (${instance?.stopCause ?? 'itself'}).`;
		case 'stopping':
			return `It has been told to stop by ${tenant.stop.signal} (${instance?.stopCause ?? 'it failed'}).`;
		case 'failing':
			return 'It failed, and what is left of it is being killed.';
		case 'failed':
			return `It failed at ${time(since)} and backs off before it may start again.`;
		default:
			return state satisfies never;
	}
}

function keepSentences({ tenant, heldDown, instance }: Facts): string[] {
	const sentences: string[] = [];
	if (tenant.keep === 'down') sentences.push('keep: down: nothing starts it.');
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

function nextStep(facts: Facts): TenantExplanation['next'] {
	const { state, tenant, timerDue, reapDue } = facts;
	const at = timerDue === undefined ? null : time(timerDue);
	switch (state) {
		case 'ready':
			if (tenant.idle.stop === undefined || tenant.keep === 'always') return null;
			return { rung: 'stopped', at: reapDue === undefined ? null : time(reapDue), heldBy: holder(facts) };
		case 'queued':
			return { rung: 'starting', at: null, heldBy: 'the caps on starts' };
		case 'starting':
			return { rung: 'failed unless it is ready', at, heldBy: null };
		case 'draining':
			return { rung: 'stopping', at, heldBy: holder(facts) };
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

function holder({ leases, leasesComplete }: Facts): string | null {
	if (leases > 0) return plural(leases, 'lease');
	return leasesComplete ? null : 'edge workers that have not repeated their leases yet';
}

function plural(count: number, word: string): string {
	return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function time(ms: number): string {
	return new Date(ms).toISOString();
}
