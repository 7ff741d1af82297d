import type { Reference } from '../config/reference.ts';

/** What docs/tenant-file.md says of the tenant file's keys beside what the schema says. */
export const tenantReference: Reference = {
	id: { says: 'The VPS id, which no other tenant has; data, logs and user id go by it.', example: 'id: 201' },
	name: { says: 'What commands and logs call it; no other tenant has it.', example: 'name: hello' },
	owner: { says: 'Whose tenant it is, for `ps --owner`.', example: 'owner: acme-corp', absent: "the provider's" },
	hosts: {
		says: 'The hosts whose visitors are its own: exact beats wildcard, the longer wildcard beats the shorter, "*" is last.',
		example: 'hosts: ["hello.example", "*.hello.example"]',
	},
	addresses: {
		says: 'Destination addresses of its own: at tcp its program serves the public socket by itself, http passes through the edge.',
		example: 'addresses: ["127.0.5.1:25/tcp", "127.0.5.2:80/http"]',
	},
	tls: { says: 'How HTTPS reaches it.' },
	'tls.passthrough': { says: 'The tenant ends TLS itself.' },
	command: {
		says: "The program and its arguments, without a shell; a program without a slash is looked up in the server's Node, then in bin and sbin of the host.",
		example: 'command: ["node", "server.mjs"]',
	},
	cwd: { says: 'Where the command runs, relative to the tenant file.', example: 'cwd: ./site' },
	env: {
		says: 'Variables of its environment, beside PATH, HOME, USER, LOGNAME, SHELL, LANG, PORT, DATA, VPS_ID and VPS_NAME; nothing of the host is passed on.',
		example: 'env: { LANG: de_DE.UTF-8, WORKERS: 2 }',
	},
	envFile: {
		says: 'A file of more of them, NAME=value lines as systemd reads them (docs/border.md): for secrets, since its user need not read it. Read at every start; it wins over env.',
		example: 'envFile: secrets.env',
		absent: 'none',
	},
	user: {
		says: "Whom it runs as, by name or number; only root's server can.",
		example: 'user: www-data',
		absent: "root's server: a user id of its own, 0x70000000 + id; another's: the server's user",
	},
	noNewPrivileges: {
		says: 'No setuid program gains it anything; false lets it, where the server is root (docs/border.md).',
		example: 'noNewPrivileges: false',
		absent: 'true, but for a user who is root',
	},
	port: {
		says: 'The port that its HTTP server binds: PORT in its environment.',
		example: 'port: 3000',
		absent: '8080; of a tenant without hosts whose one address is tcp, the port of that',
	},
	activation: {
		says: 'How the program gets its socket: in the place of the one that it binds (adopt), from fd 3 on (listen-fds, as systemd hands it), or it binds by itself (port).',
		example: 'activation: listen-fds',
	},
	readiness: {
		says: 'How the program shows that it can answer (docs/doors.md).',
		example: 'readiness: { http: /healthz }',
		absent: 'it is ready when it listens',
	},
	isolation: { says: 'What stands between it and the host (docs/border.md).', example: 'isolation: process' },
	network: { says: 'Which network it sees.', example: 'network: host' },
	limits: { says: 'What it may take.' },
	'limits.memory': { says: 'Memory of all its processes.' },
	'limits.cpu': { says: 'Processor time of all its processes.' },
	'limits.pids': { says: 'How many processes it may have.' },
	'limits.connections': {
		says: 'Its visitors at the same time, each edge worker; more get 503.',
		example: 'limits: { connections: 500 }',
		absent: 'as many as the worker has room for',
	},
	'limits.queue': {
		says: 'Those of them that wait for a wake, each edge worker; more get 503.',
		example: 'limits: { queue: 100 }',
		absent: 'as many as the worker has room for',
	},
	keep: {
		says: 'Whether it runs when a visitor comes, at all times (started again when it ends), or not at all.',
		example: 'keep: always',
	},
	overlap: {
		says: 'Whether another instance may start beside one that finishes what it has: auto where nothing can be spoiled by it, on whatever it keeps, off never.',
		example: 'overlap: off',
	},
	idle: { says: 'When nobody has used it for so long, it goes to sleep.' },
	'idle.freeze': {
		says: 'When it is frozen; not built yet, counts as off.',
		example: 'idle: { freeze: 10s }',
		absent: 'off',
	},
	'idle.reclaim': {
		says: 'When its memory is given back; not built yet, counts as off.',
		example: 'idle: { reclaim: 30s }',
		absent: 'off',
	},
	'idle.checkpoint': {
		says: 'When it is written to disk; not built yet, counts as off.',
		example: 'idle: { checkpoint: off }',
		absent: 'off',
	},
	'idle.stop': { says: 'When it is stopped; off: never.', example: 'idle: { stop: 30s }' },
	start: { says: 'How it is started.' },
	'start.timeout': {
		says: 'How long it may take until it is ready; then it is killed whole and its visitors get 504.',
		example: 'start: { timeout: 2m }',
	},
	'start.page': { says: 'Whether browsers see a waiting page meanwhile.', example: 'start: { page: off }' },
	stop: { says: 'How it is stopped.' },
	'stop.signal': { says: 'What its first process is told to end by.', example: 'stop: { signal: SIGINT }' },
	'stop.grace': {
		says: 'How long it may take to end then, before it is killed whole.',
		example: 'stop: { grace: 30s }',
	},
	'stop.drain': {
		says: 'How long what it has accepted may go on before it is told to end.',
		example: 'stop: { drain: 5m }',
	},
	log: { says: 'What it writes to stdout and stderr (`innkeeper logs`).' },
	'log.size': { says: 'A file of so many bytes gives way to the next.', example: 'log: { size: 1M }' },
	'log.files': { says: 'How many files there are in all.', example: 'log: { files: 5 }' },
	wake: { says: 'Who may wake it.' },
	'wake.except': { says: 'Requests that are answered without waking it.' },
	requires: { says: 'Tenants that are started before it.' },
	schedule: { says: 'Times at which it is woken.' },
};
