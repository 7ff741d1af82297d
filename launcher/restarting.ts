import { systemErrorText } from '../config/systemerror.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { ControlError, type Conversation } from './control.ts';
import type { House } from './house.ts';
import type { Acquired } from './knocks.ts';
import type { Lodging } from './lodging.ts';
import type { ProvenFiles } from './proven.ts';
import { putBack } from './putback.ts';
import { keptDown, whyNot } from './whynot.ts';

/** A tenant's file, looked at just now. */
export interface FileNow {
	/** What is in force. */
	readonly tenant: Tenant;
	/** What the file says. */
	readonly text: string;
	/** Why that is not in force, a line each. */
	readonly wrong: readonly string[];
}

/** What a restart works on. */
export interface RestartPremises {
	readonly house: House;
	readonly lodging: Lodging;
	readonly proven: ProvenFiles;
	/** A line for whoever runs the server. */
	readonly print: (line: string) => void;
	/** Takes the tenant's file in as it is now; undefined where there is none any more. */
	look(tenant: Tenant): Promise<FileNow | undefined>;
}

interface Outcome {
	readonly acquired: Acquired;
	/** The instance that was there before still answers. */
	readonly oldGoesOn: boolean;
}

/**
 * The verb `restart`: takes the tenant's file in and starts an instance of it. Where two may live side by side the new one takes over
 * once it is ready, and the old one stays where it does not get so; else the old one is stopped first.
 */
export async function restart(
	premises: RestartPremises,
	known: Tenant,
	rollback: boolean,
	conversation: Conversation,
): Promise<object> {
	const now = await premises.look(known);
	if (now === undefined) throw new ControlError('no-such-tenant', `the file of ${known.name} is gone`);
	const { tenant, wrong } = now;
	const { id, name } = tenant;
	if (wrong.length > 0)
		throw new ControlError(
			'files-wrong',
			[`the file of ${name} is wrong, and nothing was restarted`, ...wrong].join('\n'),
		);
	if (tenant.keep === 'down') throw new ControlError('restart-failed', keptDown(tenant));
	const proven = rollback ? await premises.proven.textOf(tenant) : undefined;
	if (rollback && proven === undefined) {
		const why = `the file with which ${name} was last ready is not known, so that there is nothing to go back to`;
		throw new ControlError('no-rollback', `${why}; restart it without --rollback`);
	}
	const { acquired, oldGoesOn } = await startAnew(premises, tenant, conversation);
	if (acquired.granted) return { id, name, instance: acquired.instance, wake: acquired.wake, waited: acquired.waited };
	const { why, more } = await whyNot(premises, tenant, acquired.reason);
	const sentences = [`${name}: the new one ${why}`];
	if (oldGoesOn) sentences.push('the old one goes on');
	if (proven !== undefined) sentences.push(...(await goBack(premises, now, proven, oldGoesOn)));
	throw new ControlError('restart-failed', `${sentences.join('; ')}; ${more}`);
}

async function startAnew({ lodging }: RestartPremises, tenant: Tenant, { progress }: Conversation): Promise<Outcome> {
	const { id, name } = tenant;
	const { state, instance } = lodging.facts(tenant);
	if (state !== 'ready') {
		progress(`${name} is ${state}; waking it`);
		// One on its way up that is of the file as it was is in the way; who waits for it gets the next one.
		if (state === 'starting' && instance?.outdated) await lodging.stop(id);
		return { acquired: await lodging.wake(id), oldGoesOn: false };
	}
	const alone = lodging.whyAlone(tenant);
	if (alone !== undefined) {
		progress(
			`${name} may not run twice, because ${alone}: it is stopped first, and may finish for ${tenant.stop.drain} ms`,
		);
		await lodging.stop(id);
		return { acquired: await lodging.wake(id), oldGoesOn: false };
	}
	if (lodging.hasElders(id)) {
		progress(`an older instance of ${name} still finishes what it has: waiting for its end`);
		await lodging.eldersGone(id);
	}
	const acquired = await lodging.restart(tenant);
	if (acquired === undefined)
		throw new ControlError('restart-failed', `another restart or stop of ${name} is under way; ask again after it`);
	return { acquired, oldGoesOn: !acquired.granted && lodging.facts(tenant).state === 'ready' };
}

/** Puts the file back with which the tenant was ready, and where nothing of it runs, starts that; what came of it, in words. */
async function goBack(
	premises: RestartPremises,
	{ tenant, text }: FileNow,
	proven: string,
	oldGoesOn: boolean,
): Promise<string[]> {
	const { file, id } = tenant;
	if (proven === text) return ['its file is the one with which it was last ready, so that nothing was put back'];
	let aside: string;
	try {
		aside = await putBack(file, text, proven);
	} catch (error) {
		return [`nothing was put back: ${systemErrorText(error as Error)}`];
	}
	const said = [`its file was put back, what it said is in ${aside}`];
	premises.print(`innkeeper: ${file} was put back by \`restart --rollback\`; what it said is in ${aside}`);
	await premises.look(tenant);
	if (oldGoesOn) return said;
	const acquired = await premises.lodging.wake(id);
	if (acquired.granted) return [...said, 'and it runs from that one again'];
	return [...said, `but started from that one it ${(await whyNot(premises, tenant, acquired.reason)).why}, too`];
}
