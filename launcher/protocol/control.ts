/**
 * What an operator's program says to the launcher over the control socket: one JSON document a line (protocol/lines.ts). One
 * request a connection; the answer is any number of `progress`, `data` and `row` lines, then one `result` or `error`.
 */

export type ControlRequest =
	/** A TenantRow a row; the result is a Shown. */
	| ({ verb: 'ps' } & Selection)
	/** A name a row. `names` as in Selection. */
	| { verb: 'list'; names?: readonly string[] }
	| { verb: 'status'; tenant: string }
	| { verb: 'whois'; pid: number }
	| { verb: 'wake'; tenant: string }
	| { verb: 'stop'; tenant: string }
	/** `rollback`: where the new instance does not get ready, the file with which the last one did is put back. */
	| { verb: 'restart'; tenant: string; rollback?: boolean }
	| { verb: 'reload' }
	| { verb: 'explain'; tenant: string }
	/** `lines`: how many of the last lines first; `follow`: go on until the connection closes. */
	| { verb: 'logs'; tenant: string; lines: number; follow: boolean };

export type ControlAnswer =
	| { type: 'progress'; text: string }
	| { type: 'data'; text: string }
	/** One of many things: a tenant of `ps`, a name of `list`. */
	| { type: 'row'; value: unknown }
	| { type: 'result'; value: unknown }
	| { type: 'error'; code: ControlErrorCode; message: string };

/** Every error of the control protocol, with the exit status of the command that meets it. */
export const controlErrors = {
	'no-such-tenant': 1,
	'no-such-process': 1,
	'not-a-tenants': 1,
	'wake-failed': 1,
	'wake-timeout': 1,
	'restart-failed': 1,
	'no-rollback': 1,
	'files-wrong': 1,
	'bad-request': 2,
	/** A program error of the server's, which goes on. */
	internal: 1,
	closing: 1,
} as const;

export type ControlErrorCode = keyof typeof controlErrors;

/** Which tenants `ps` is to show, and in what order: all of them, in the order of their files, unless it says otherwise. */
export interface Selection {
	/** Those alone that are not asleep. */
	readonly awake?: boolean;
	/** Names or ids, and names with `*` (any letters) and `?` (any one): those that one of them means. */
	readonly names?: readonly string[];
	readonly states?: readonly string[];
	readonly owner?: string;
	/** Figures fall, words and ids rise. */
	readonly sort?: SortKey;
	/** At most so many rows. */
	readonly limit?: number;
}

export const sortKeys = [
	'id',
	'name',
	'owner',
	'state',
	'since',
	'pids',
	'memory',
	'cpu',
	'leases',
	'connections',
	'wakes',
] as const;

export type SortKey = (typeof sortKeys)[number];

/** What `ps` did not show of what was selected. */
export interface Shown {
	/** Because they sleep. */
	readonly asleep: number;
	/** Because of the limit. */
	readonly more: number;
}

/** Every state that a tenant can be in (CONTRACT); not all are built yet. */
export const tenantStates = [
	'stopped',
	'queued',
	'starting',
	'ready',
	'throttled',
	'freezing',
	'frozen',
	'reclaimed',
	'thawing',
	'checkpointing',
	'checkpointed',
	'restoring',
	'draining',
	'stopping',
	'failing',
	'failed',
] as const;

/** A row of `ps` (CONTRACT): memory in bytes, cpuMs of the live instance, since as ISO 8601. */
export interface TenantRow {
	readonly id: number;
	readonly name: string;
	/** Null: the provider's. */
	readonly owner: string | null;
	readonly state: string;
	readonly pids: readonly number[];
	readonly memory: number;
	readonly cpuMs: number;
	readonly leases: number;
	readonly connections: number;
	readonly since: string;
	readonly wakes: number;
	readonly address: string | null;
}

/** `status`: a row and what else is known. */
export interface TenantStatus extends TenantRow {
	readonly file: string;
	readonly hosts: readonly string[];
	readonly addresses: readonly string[];
	/** Those of the addresses at which nobody can be heard at present, why, and when that is tried again. */
	readonly unreachable: readonly { readonly address: string; readonly why: string; readonly retryAt: string }[];
	readonly instance: number | null;
	readonly activation: string;
	readonly keep: string;
	readonly lastExit: string | null;
	/** How the last instance failed, in words that go on from "it"; null where it did not. */
	readonly lastFailure: string | null;
	readonly lastWake: { readonly at: string; readonly by: string; readonly ms: number } | null;
	/** Bytes of output that did not fit into the log. */
	readonly logLost: number;
	/** What others than the provider can see of it until it is sandboxed, in a few words each (docs/border.md). */
	readonly openTo: { readonly others: readonly string[]; readonly itself: readonly string[] };
	/** Its own words by STATUS= (sd_notify). */
	readonly says: string | null;
}

/** `explain`: why it is awake or asleep, who woke it, what will reap it and when. */
export interface TenantExplanation {
	readonly id: number;
	readonly name: string;
	readonly state: string;
	/** Sentences for people, in order. */
	readonly because: readonly string[];
	/** The last lines of its log, where the last instance failed and wrote any. */
	readonly lastWords: readonly string[];
	readonly wokenBy: string | null;
	/** The next step down and when; null: nothing will. */
	readonly next: { readonly rung: string; readonly at: string | null; readonly heldBy: string | null } | null;
}

export interface Owner {
	readonly pid: number;
	readonly id: number;
	readonly name: string;
	/** True where the tag is no kernel state (ordinary user without cgroups or namespaces). */
	readonly bestEffort: boolean;
}
