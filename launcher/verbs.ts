import { nearest } from '../config/nearest.ts';
import { openBorder, readMounts } from '../tenants/border.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Deaf } from './addresses.ts';
import { readTraffic } from './connections.ts';
import { ControlError, type Conversation, type Perform } from './control.ts';
import { type Crowd, trafficOf, visitorsOf } from './crowd.ts';
import type { Belongings } from './drivers/belongings.ts';
import { type AddressTraffic, explain, knockerText } from './explanation.ts';
import type { Facts } from './facts.ts';
import { type House, logFile } from './house.ts';
import type { Keeper } from './keeper/keeper.ts';
import { readLog } from './logs.ts';
import type { Owner, Selection, Shown, TenantExplanation, TenantStatus } from './protocol/control.ts';
import { isVisitedOutside } from './reaper.ts';
import { type RestartPremises, restart } from './restarting.ts';
import { rowOf, streamRows } from './rows.ts';
import { selects } from './selection.ts';
import type { TenantsHere } from './tenants.ts';
import { keptDown, lastFailure, whyNot } from './whynot.ts';

/** What the verbs work on. */
export interface Premises extends RestartPremises {
	readonly belongings: Belongings;
	readonly keeper: Keeper;
	readonly tenants: TenantsHere;
	/** Where the tenant cannot be reached at present. */
	deafOf(tenant: Tenant): Deaf[];
	/** Visitors' connections by way of the edge, by tenant id. */
	connections(): Promise<Map<number, number>>;
	/** Reads config and tenant files again. */
	reload(): Promise<Reloaded>;
}

/** What a reload did not take in, a line each. */
export interface Reloaded {
	/** Faults by file, line and key, and what could not be done. */
	readonly wrong: readonly string[];
	/** Keys that need a new start. */
	readonly later: readonly string[];
}

/** How many names are sent in one go. */
const NAMES_AT_ONCE = 1000;

/** Every verb of the control socket (protocol/control.ts). */
export function verbs(premises: Premises): Perform {
	return async (request, conversation) => {
		switch (request.verb) {
			case 'ps':
				return ps(premises, request, conversation);
			case 'list':
				return list(premises, request, conversation);
			case 'status':
				return status(premises, find(premises, request.tenant));
			case 'whois':
				return whois(premises, request.pid);
			case 'wake':
				return wake(premises, find(premises, request.tenant), conversation);
			case 'stop':
				return stop(premises, find(premises, request.tenant), conversation);
			case 'restart':
				return restart(premises, find(premises, request.tenant), request.rollback === true, conversation);
			case 'reload':
				return reload(premises, conversation);
			case 'explain':
				return explained(premises, find(premises, request.tenant));
			case 'logs':
				return logs(premises, find(premises, request.tenant), request, conversation);
			default:
				request satisfies never;
				throw new ControlError('bad-request', 'no such verb');
		}
	};
}

/** By name or by id. */
function find(premises: Premises, word: string): Tenant {
	const tenant = premises.tenants.byName(word) ?? premises.tenants.byId(Number(word));
	if (tenant !== undefined) return tenant;
	const meant = nearest(word, premises.tenants.names());
	const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`;
	const shown = /^[\x21-\x7e]{1,64}$/.test(word) ? word : JSON.stringify(word.slice(0, 64));
	throw new ControlError('no-such-tenant', `there is no tenant ${shown}${suggestion}; \`innkeeper list\` lists them`);
}

async function ps(premises: Premises, selection: Selection, { rows }: Conversation): Promise<Shown> {
	const crowd = await crowdNow(premises);
	const visitors = (tenant: Tenant): number => visitorsOf(tenant, crowd);
	return streamRows(premises, premises.tenants.all(), visitors, selection, rows);
}

async function crowdNow({ connections, house }: Premises): Promise<Crowd> {
	const [byEdge, outside] = await Promise.all([connections(), readTraffic(house.keeperPid)]);
	return { byEdge, outside };
}

/** The tables of sockets grow with the whole machine: they are read only for who has visitors there. */
async function trafficNow(house: House, tenant: Tenant): Promise<AddressTraffic[]> {
	return isVisitedOutside(tenant) ? trafficOf(tenant, await readTraffic(house.keeperPid)) : [];
}

async function list({ tenants }: Premises, selection: Selection, { rows }: Conversation): Promise<null> {
	let names: string[] = [];
	for (const tenant of tenants.all()) {
		if (!selects(selection, tenant, 'stopped')) continue;
		names.push(tenant.name);
		if (names.length < NAMES_AT_ONCE) continue;
		await rows(names);
		names = [];
	}
	await rows(names);
	return null;
}

async function status(premises: Premises, tenant: Tenant): Promise<TenantStatus> {
	const crowd = await crowdNow(premises);
	const facts = premises.lodging.facts(tenant);
	const { lastWake, instance } = facts;
	return {
		...(await rowOf(premises, tenant, visitorsOf(tenant, crowd))),
		file: tenant.file,
		hosts: tenant.hosts,
		addresses: tenant.addresses.map(({ address, port, kind }) => `${address}:${port}/${kind}`),
		unreachable: premises.deafOf(tenant).map(({ address, why, retryAt }) => ({
			address,
			why,
			retryAt: new Date(retryAt).toISOString(),
		})),
		instance: instance?.number ?? null,
		activation: tenant.activation,
		keep: tenant.keep,
		lastExit: facts.lastExit ?? null,
		lastFailure: (await lastFailure(premises, tenant))?.text ?? null,
		lastWake:
			lastWake === undefined
				? null
				: { at: new Date(lastWake.at).toISOString(), by: knockerText(lastWake.by), ms: lastWake.ms },
		logLost: await lostOutput(premises, facts),
		openTo: openBorder(tenant, premises.house, readMounts()),
		says: instance?.says ?? null,
	};
}

async function lostOutput({ keeper }: Premises, { tenant, instance }: Facts): Promise<number> {
	if (instance === undefined) return 0;
	const answer = await keeper.request('tell', { id: tenant.id, instance: instance.number }).catch(() => undefined);
	return answer?.number('lost') ?? 0;
}

async function whois({ keeper, house, tenants }: Premises, pid: number): Promise<Owner> {
	if (!Number.isInteger(pid) || pid < 1) throw new ControlError('bad-request', 'a pid is a whole number, 1 or more');
	const answer = await keeper.request('owner', { pid }).catch(() => undefined);
	if (answer === undefined) throw new ControlError('no-such-process', `there is no process ${pid}`);
	const id = answer.number('id');
	const tenant = tenants.byId(id);
	if (id === 0 || tenant === undefined) throw new ControlError('not-a-tenants', `process ${pid} belongs to no tenant`);
	return { pid, id, name: tenant.name, bestEffort: house.tag === 'tree' };
}

async function wake(premises: Premises, tenant: Tenant, conversation: Conversation): Promise<object> {
	const { lodging, deafOf } = premises;
	for (const { address, why } of deafOf(tenant))
		conversation.progress(`${tenant.name} cannot be reached at ${address}: ${why}`);
	const { state } = lodging.facts(tenant);
	if (state !== 'ready') conversation.progress(`${tenant.name} is ${state}; waking it`);
	const answer = await lodging.wake(tenant.id);
	if (answer.granted)
		return { id: tenant.id, name: tenant.name, instance: answer.instance, wake: answer.wake, waited: answer.waited };
	if (tenant.keep === 'down') throw new ControlError('wake-failed', keptDown(tenant));
	const { why, more } = await whyNot(premises, tenant, answer.reason);
	throw new ControlError(
		answer.reason === 'timeout' ? 'wake-timeout' : 'wake-failed',
		`${tenant.name} ${why}; ${more}`,
	);
}

async function stop({ lodging, house }: Premises, tenant: Tenant, conversation: Conversation): Promise<object> {
	const { state, leases } = lodging.facts(tenant);
	const outside = await trafficNow(house, tenant);
	if (leases > 0 || outside.some(({ open }) => open > 0))
		conversation.progress(`${tenant.name} is ${state} and in use; it may finish for ${tenant.stop.drain} ms`);
	await lodging.stop(tenant.id);
	return { id: tenant.id, name: tenant.name, state: lodging.facts(tenant).state };
}

async function reload(premises: Premises, { data, progress }: Conversation): Promise<object> {
	const { wrong: faults, later } = await premises.reload();
	for (const line of later) progress(line);
	for (const fault of faults) await data(`${fault}\n`);
	if (faults.length > 0) {
		const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
		throw new ControlError('files-wrong', `${count}; what is wrong was left as it was`);
	}
	return { tenants: [...premises.tenants.all()].length };
}

async function explained(premises: Premises, tenant: Tenant): Promise<TenantExplanation> {
	const { lodging, deafOf, house } = premises;
	const traffic = await trafficNow(house, tenant);
	const facts = lodging.facts(tenant);
	const failure = await lastFailure(premises, tenant);
	return { ...explain(facts, { traffic, deaf: deafOf(tenant) }, failure?.text), lastWords: failure?.words ?? [] };
}

async function logs(
	{ belongings, house }: Premises,
	tenant: Tenant,
	{ lines, follow }: { lines: number; follow: boolean },
	conversation: Conversation,
): Promise<null> {
	// What another tenant said is set aside at the next start.
	if (!belongings.isOf(tenant)) return null;
	await readLog(logFile(house, tenant.id), { lines, follow, gone: conversation.gone }, conversation.data);
	return null;
}
