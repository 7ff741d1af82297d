import { type Key, keysOf } from './keys.ts';
import { configSchema } from './schema.ts';
import { value } from './values.ts';

/** What the pages of reference and `config --defaults` say of a key beside what its schema says. */
export interface KeyNote {
	/** What it is for, in one sentence. */
	readonly says: string;
	/** A line of YAML with the key in it, as somebody would write it; not where the key is refused, or is a section. */
	readonly example?: string;
	/** What leaving it out comes to, where the schema has no default. */
	readonly absent?: string;
}

/** By the path of the key, as `idle.stop`. Each key of a schema has its note: tests/docs/reference.test.ts says which has none. */
export type Reference = Readonly<Record<string, KeyNote>>;

/** Every key of the config file; those of tenants, below `defaults`, are the tenant file's. */
export function configKeys(): Key[] {
	return keysOf(configSchema(value('a map of keys of the [tenant file](tenant-file.md)', (raw) => raw)));
}

/** The config file's. */
export const configReference: Reference = {
	listen: { says: 'Where visitors knock.' },
	'listen.http': { says: "Addresses for visitors' HTTP.", example: 'listen: { http: ["0.0.0.0:80", "[::]:80"] }' },
	'listen.https': { says: "Addresses for visitors' HTTPS." },
	workers: {
		says: 'How many edge processes there are; auto is one a core.',
		example: 'workers: auto',
	},
	user: {
		says: "What edges run as; only root's server can give them a user of their own.",
		example: 'user: innkeeper-edge',
		absent: "root's server: an id of their own; another's: the server's user",
	},
	state: {
		says: "The folder of everything that must last: tenants' data and logs.",
		example: 'state: /srv/innkeeper',
		absent: "/var/lib/innkeeper for root, else innkeeper in the user's XDG state folder",
	},
	run: {
		says: "The folder of sockets; a socket's path has at most 107 bytes.",
		example: 'run: /run/innkeeper',
		absent: "/run/innkeeper for root, else innkeeper in the user's XDG runtime folder, or run below `state`",
	},
	control: {
		says: 'The socket at which `innkeeper ps` and its fellows speak to the server.',
		example: 'control: /run/innkeeper/control.sock',
		absent: 'control.sock in `run`',
	},
	tenants: {
		says: 'Folders of tenants: every TENANT/tenant.yaml in them is one; they are watched.',
		example: 'tenants: ["./tenants", "/srv/tenants"]',
	},
	trustedProxies: {
		says: 'Whose word on where a request comes from is believed.',
		example: 'trustedProxies: ["10.0.0.0/8"]',
	},
	trustedHeaders: {
		says: 'The fields in which they say it, X-Forwarded-* or Forwarded; the others are dropped.',
		example: 'trustedHeaders: forwarded',
	},
	via: {
		says: "The edge's name towards tenants in Via (RFC 9110 7.6.3); off for a tenant's nginx whose gzip_proxied is off.",
		example: 'via: front-1',
	},
	proxyProtocol: {
		says: "Whether a proxy in front tells the visitor's address in a PROXY line.",
		example: 'proxyProtocol: off',
	},
	health: { says: 'The path that the edge itself answers, on any host; off: none.', example: 'health: /healthz' },
	healthFrom: {
		says: 'Whom the health path with ?tenant tells how the tenant of the host is, without waking it.',
		example: 'healthFrom: ["127.0.0.0/8", "192.0.2.7"]',
	},
	debugHeaders: {
		says: 'Whether answers tell the tenant, the wake and the times of the stages.',
		example: 'debugHeaders: true',
	},
	accessLog: { says: 'A line for each request.' },
	'accessLog.file': {
		says: 'Where it goes: stdout, or a path, which SIGHUP and `innkeeper reload` open anew.',
		example: 'accessLog: { file: /var/log/innkeeper/access.log }',
	},
	'accessLog.format': {
		says: 'How a line is written: json, combined (as Apache and nginx do), or off for none.',
		example: 'accessLog: { format: combined }',
	},
	'accessLog.size': {
		says: 'A file of so many bytes becomes FILE.1, that one FILE.2 and so on; off: it grows, for logrotate to move it.',
		example: 'accessLog: { size: 1G }',
	},
	'accessLog.files': { says: 'How many files there are in all.', example: 'accessLog: { files: 10 }' },
	timeouts: { says: 'How long visitors and tenants may take.' },
	'timeouts.head': { says: 'For a visitor to send a whole head.', example: 'timeouts: { head: 5s }' },
	'timeouts.idle': { says: 'Between two requests on one connection.', example: 'timeouts: { idle: 30s }' },
	'timeouts.body': { says: 'Between two pieces of a body.', example: 'timeouts: { body: 30s }' },
	'timeouts.connect': { says: 'To reach a tenant that is awake.', example: 'timeouts: { connect: 2s }' },
	'timeouts.answer': { says: 'For a tenant to begin its answer.', example: 'timeouts: { answer: 1m }' },
	'timeouts.linger': {
		says: 'How long an edge keeps a tenant leased after the last use.',
		example: 'timeouts: { linger: 500ms }',
	},
	sizes: { says: 'How much visitors may bring, and how many may come.' },
	'sizes.head': {
		says: "A head, a visitor's or an answer's, its start line included.",
		example: 'sizes: { head: 32K }',
	},
	'sizes.target': { says: "A request's target.", example: 'sizes: { target: 4K }' },
	'sizes.headers': { says: "Fields in a visitor's head; an answer may have 1,000.", example: 'sizes: { headers: 50 }' },
	'sizes.queue': {
		says: 'Visitors of all tenants that wait for a wake, each worker; more get 503.',
		example: 'sizes: { queue: 1000 }',
		absent: 'as many as `sizes.connections`',
	},
	'sizes.connections': {
		says: "Visitors' connections, each worker; the files that a process may open bound it, too.",
		example: 'sizes: { connections: 50000 }',
	},
	starts: { says: 'How many tenants may be awake, all together.' },
	'starts.atOnce': { says: 'Tenants that start at the same time; others wait.', example: 'starts: { atOnce: 8 }' },
	'starts.running': {
		says: 'Tenants that are awake at the same time; the longest idle makes room.',
		example: 'starts: { running: 200 }',
	},
	defaults: {
		says: 'Any key of the tenant file: what a tenant file leaves out.',
		example: 'defaults: { idle: { stop: 10m }, log: { files: 5 } }',
		absent: '{}',
	},
};
