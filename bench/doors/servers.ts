/** A server that listens before it can answer, as Debian has it. */
export interface RealServer {
	readonly name: string;
	/** Absolute. */
	readonly program: string;
	/** Of the tenant file: what is run, as whom, and how it is stopped so that the next start has something to do. */
	keys(port: number): Readonly<Record<string, unknown>>;
	/** What its first visitor says. */
	readonly greeting: Buffer;
	/** The beginning of the answer of one that is ready. */
	readonly welcome: string;
	/** Said to it once, so that it has much to load at later starts. */
	readonly filling: string;
	/** By name, in the words of a tenant file. */
	readiness(port: number): Readonly<Record<string, unknown>>;
}

const POSTGRES = '/usr/lib/postgresql/15/bin';

const postgres: RealServer = {
	name: 'PostgreSQL 15',
	program: `${POSTGRES}/postgres`,
	keys: (port) => ({
		user: 'postgres',
		command: [
			'sh',
			'-c',
			`test -f $DATA/pg/PG_VERSION || ${POSTGRES}/initdb -D $DATA/pg -A trust >/dev/null
			exec ${POSTGRES}/postgres -D $DATA/pg -p ${port} -h 127.0.0.1 -k $DATA`,
		],
		// At once, without a checkpoint: the next start has to recover.
		stop: { signal: 'SIGQUIT' },
	}),
	greeting: startupMessage({ user: 'postgres', database: 'postgres' }),
	// Authentication is asked for, or granted; an error begins with E.
	welcome: 'R',
	filling: '',
	readiness: (port) => ({
		'no readiness': undefined,
		notify: 'notify',
		'command: pg_isready': { command: [`${POSTGRES}/pg_isready`, '-q', '-h', '127.0.0.1', '-p', String(port)] },
	}),
};

const redis: RealServer = {
	name: 'redis 7',
	program: '/usr/bin/redis-server',
	keys: (port) => ({
		command: ['sh', '-c', `exec redis-server --port ${port} --bind 127.0.0.1 --dir $DATA --enable-debug-command yes`],
		stop: { signal: 'SIGKILL' },
	}),
	greeting: Buffer.from('PING\r\n'),
	welcome: '+PONG',
	filling: 'DEBUG POPULATE 500000\r\nSAVE\r\n',
	readiness: (port) => ({
		'no readiness': undefined,
		'command: redis-cli ping': { command: ['redis-cli', '-e', '-p', String(port), 'ping'] },
	}),
};

export const servers: readonly RealServer[] = [postgres, redis];

/** PostgreSQL's protocol 3.0, StartupMessage (PostgreSQL 15 manual, 55.7). */
function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
	const words = Object.entries(parameters).flat();
	const text = Buffer.from(`${words.map((word) => `${word}\0`).join('')}\0`);
	const head = Buffer.alloc(8);
	head.writeUInt32BE(head.length + text.length, 0);
	head.writeUInt32BE(0x0003_0000, 4);
	return Buffer.concat([head, text]);
}
