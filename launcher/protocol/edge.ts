/**
 * What an edge worker and the launcher say to each other, over the unix socket `edge.sock` that the keeper holds: one JSON
 * document a line (protocol/lines.ts). A warm request costs no message. Times in ms.
 */

export const EDGE_PROTOCOL = 2;

/** A message holds at most so many leases, counts or keys; what does not fit follows in further ones (`more`). */
export const MOST_A_MESSAGE = 10_000;

/** What an edge needs to know of a tenant; sent in answer to `resolve`, kept in the edge's lru-cache until `forget`. */
export interface TenantView {
	readonly id: number;
	readonly name: string;
	/** In the hall; the port is told with the lease, for it is the live instance's, whatever its file says meanwhile. */
	readonly address: string;
	/** Simultaneous visitors of this worker, and how many of them may wait for a wake; undefined: as many as it has room for. */
	readonly connections?: number | undefined;
	readonly queue?: number | undefined;
	/** How long a visitor waits for an instance before 504. */
	readonly startTimeout: number;
	/** How long a lease is kept after the last use. */
	readonly linger: number;
}

/** The parts of the config that an edge goes by; pushed again when they change. */
export interface EdgeSettings {
	/** How many files a worker may open; undefined: without bound. */
	readonly files?: number | undefined;
	readonly trustedProxies: readonly string[];
	readonly trustedHeaders: 'x-forwarded' | 'forwarded';
	readonly via: string | undefined;
	readonly health: string | undefined;
	/** Whom the health path tells a tenant's state; blocks of addresses. */
	readonly healthFrom: readonly string[];
	readonly debugHeaders: boolean;
	readonly accessLog: 'json' | 'combined' | 'off';
	readonly timeouts: {
		readonly head: number;
		readonly idle: number;
		readonly body: number;
		readonly connect: number;
		readonly answer: number;
	};
	readonly sizes: {
		readonly head: number;
		readonly target: number;
		readonly headers: number;
		/** Visitors of all tenants that may wait for a wake. */
		readonly queue: number;
		/** Visitors' connections of this worker. */
		readonly connections: number;
	};
}

/** What a monitor may know of a tenant: `state` as in `ps`, `since` as ISO 8601. */
export interface TenantState {
	readonly name: string;
	readonly state: string;
	readonly since: string;
}

/** How an instance was made able to answer. */
export type Wake = 'none' | 'start';

/** Why no lease was given: each has its answer to the visitor (CONTRACT, what a visitor gets). */
export type Denial =
	/** keep: down, back-off, or the start failed: 503. */
	| 'failed'
	/** The queue of starts or the cap on running tenants is full: 503. */
	| 'busy'
	/** Not ready by the start deadline: 504. */
	| 'timeout'
	/** No such tenant any more: 404. */
	| 'unknown';

export interface Lease {
	readonly id: number;
	readonly instance: number;
}

export type EdgeMessage =
	/** First, also after a reconnect; repeats the leases held. `more`: further ones follow. */
	| { type: 'hello'; protocol: number; worker: number; pid: number; leases: readonly Lease[]; more?: boolean }
	/** Further leases, behind a `hello`. */
	| { type: 'leases'; leases: readonly Lease[]; more?: boolean }
	/** key: `host:NAME` (lower case, no port) or `address:IP:PORT` (destination of a tenant's own /http address). */
	| { type: 'resolve'; seq: number; key: string }
	/** How the tenant is; wakes nobody and is no use of it. */
	| { type: 'state'; seq: number; id: number }
	/**
	 * Idempotent; answered by granted or denied, once the instance is ready. `name`: for whose visitors, for the id may be another tenant's
	 * by now. `visitor` is the one who knocked first.
	 */
	| { type: 'acquire'; seq: number; id: number; name: string; visitor: { address: string; request: string } }
	/** All connections to that instance are closed. `idle`: since its last use. */
	| { type: 'release'; id: number; instance: number; idle: number }
	/** connect(2) to a leased instance was refused: its listening socket is spoiled. */
	| { type: 'refused'; id: number; instance: number }
	/** A request on a new connection to a leased instance has had no byte of an answer for a while: does anybody accept there? */
	| { type: 'silent'; id: number; instance: number }
	/** Answer to `count`: visitors' connections by tenant id. `more`: those of further tenants follow. */
	| { type: 'counted'; seq: number; connections: Record<string, number>; more?: boolean };

export type LauncherToEdgeMessage =
	| { type: 'welcome'; protocol: number; settings: EdgeSettings }
	| { type: 'settings'; settings: EdgeSettings }
	| { type: 'resolved'; seq: number; tenant: TenantView | null }
	/** Answer to `state`; null where there is no such tenant. */
	| { type: 'stated'; seq: number; tenant: TenantState | null }
	/**
	 * An instance is being started for a visitor of this worker, and its socket takes connections already: one may be made ahead, to
	 * carry nothing before `granted`.
	 */
	| { type: 'starting'; id: number; port: number }
	/** `port`: where the instance answers; `waited`: from acquire to ready. */
	| { type: 'granted'; seq: number; id: number; instance: number; port: number; wake: Wake; waited: number }
	/** `retryAfter`: in whole seconds, 1 or more. */
	| { type: 'denied'; seq: number; id: number; reason: Denial; retryAfter: number }
	/** Finish what runs, take nothing new, then release; new requests acquire again (and wait for the next instance). */
	| { type: 'revoke'; id: number; instance: number }
	/** Nobody accepts there any more, but what was accepted is served: as revoke, and who was never heard waits for the next instance. */
	| { type: 'deaf'; id: number; instance: number }
	/** The instance is dead; its lease is void. */
	| { type: 'gone'; id: number; instance: number }
	/** Resolutions that no longer hold: hosts as in `resolve` keys; `*`: all. */
	| { type: 'forget'; keys: string[] }
	| { type: 'count'; seq: number }
	/** The house closes: stop accepting, finish what runs until the deadline, then exit. */
	| { type: 'drain'; deadline: number };
