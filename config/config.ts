/** The server's config, checked, with every default filled in. Times in ms, sizes in bytes, paths absolute. */
export interface Config {
	/** The config file, absolute. */
	readonly file: string;
	readonly listen: { readonly http: readonly SocketAddress[] };
	readonly workers: number;
	/** Undefined: an id of their own (root), or the server's user. */
	readonly user: string | number | undefined;
	readonly state: string;
	readonly run: string;
	readonly control: string;
	readonly tenants: readonly string[];
	/** CIDR blocks whose word on where a request comes from is believed. */
	readonly trustedProxies: readonly string[];
	/** The fields in which they say it; the others are the visitor's own, passed on. */
	readonly trustedHeaders: 'x-forwarded' | 'forwarded';
	/** How the edge calls itself towards tenants in Via; undefined: not at all. */
	readonly via: string | undefined;
	/** The edge's own health path; undefined: off. */
	readonly health: string | undefined;
	/** CIDR blocks to whose addresses the health path tells a tenant's state. */
	readonly healthFrom: readonly string[];
	readonly debugHeaders: boolean;
	readonly accessLog: {
		/** Absolute, or `stdout`. */
		readonly file: string;
		readonly format: 'json' | 'combined' | 'off';
		/** When a file has so many bytes it becomes FILE.1; undefined: it never does. */
		readonly size: number | undefined;
		/** So many in all. */
		readonly files: number;
	};
	readonly timeouts: {
		readonly head: number;
		readonly idle: number;
		readonly body: number;
		readonly connect: number;
		readonly answer: number;
		readonly linger: number;
	};
	readonly sizes: {
		readonly head: number;
		readonly target: number;
		readonly headers: number;
		readonly queue: number;
		readonly connections: number;
	};
	readonly starts: { readonly atOnce: number; readonly running: number };
	/** Any tenant key, as written; the tenant schema checks them. */
	readonly defaults: Readonly<Record<string, unknown>>;
}

export interface SocketAddress {
	readonly address: string;
	readonly port: number;
}
