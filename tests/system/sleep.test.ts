import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { compiled } from '../launcher/native/house.ts';
import { House, type TenantFiles } from './house.ts';

/* Tenants who fall asleep within milliseconds, and visitors who come all the time: reaping and knocking collide at each step. */

/** To each tenant: visitors who keep their connection, visitors who come anew for each request, and what each of them asks. */
const KEEPERS = 2;
const NEWCOMERS = 2;
const REQUESTS = 40;
/** As long as the linger, the idle time and the stop take together, so that no moment of them is met less than others. */
const LONGEST_PAUSE_MS = 30;

interface Way {
	readonly name: string;
	/** How the program leaves (fixtures/leaver.c). */
	readonly leaves: readonly string[];
	/** Operators stop it all the time. */
	readonly stopped: boolean;
	readonly keys: Readonly<Record<string, unknown>>;
}

const leaving: readonly (readonly string[])[] = [
	[],
	['late', '15'],
	['serving', '15'],
	['telling', '4'],
	['ending', '4'],
];

const groups: Readonly<Record<string, readonly Way[]>> = {
	'that falls asleep': leaving.map((leaves) => way(leaves, false, { overlap: 'off' })),
	'that operators stop': [
		way(['late', '5'], true, { overlap: 'off' }),
		way(['late', '15'], true, { overlap: 'on' }),
		way(['telling', '4'], true, { overlap: 'on' }),
		way(['serving', '5'], true, { overlap: 'on', activation: 'listen-fds' }),
		way(['serving', '5'], true, { overlap: 'on', readiness: { http: '/' } }),
		...['2', '3', '4', '5'].map((ms) => way(['ending', ms], true, { overlap: 'on' })),
	],
};

function way(leaves: readonly string[], stopped: boolean, keys: Readonly<Record<string, unknown>>): Way {
	const words = [
		...(leaves.length > 0 ? leaves : ['quick']),
		...Object.values(keys).filter((value) => typeof value === 'string'),
	];
	return { name: [...words, ...('readiness' in keys ? ['probed'] : [])].join('-'), leaves, stopped, keys };
}

let house: House;
let programs: string;
beforeAll(async () => {
	const ways = Object.values(groups).flat();
	programs = mkdtempSync(join(tmpdir(), 'innkeeper-programs-'));
	const program = compiled(programs, 'leaver');
	house = await House.start({
		config: { workers: 2, timeouts: { linger: '2ms' }, starts: { atOnce: ways.length } },
		tenants: Object.fromEntries(ways.map((way, at) => [way.name, tenant(101 + at, way, program)])),
	});
});
afterAll(async () => {
	await house.discard();
	rmSync(programs, { recursive: true });
});

function tenant(id: number, { name, leaves, keys }: Way, program: string): TenantFiles {
	const command = ['./leaver', '8080', ...leaves];
	return {
		yaml: { id, name, hosts: [`${name}.test`], command, port: 8080, ...keys, idle: { stop: '5ms' } },
		files: { leaver: { link: program } },
	};
}

test.each(Object.entries(groups))(
	'a visitor who waits for a tenant %s just then hears nothing of it',
	async (_which, ways) => {
		const met: Record<string, number> = {};
		const answers: Record<string, number> = {};
		const meet = (name: string, outcome: string): void => {
			met[outcome] = (met[outcome] ?? 0) + 1;
			answers[name] = (answers[name] ?? 0) + 1;
		};
		const kept = ways.flatMap((way) => Array.from({ length: KEEPERS }, (_, n) => visitor(way, n, true, meet)));
		const anew = ways.flatMap((way) => Array.from({ length: NEWCOMERS }, (_, n) => visitor(way, n, false, meet)));
		const visits = Promise.all([...kept, ...anew]);
		let over = false;
		const stops = ways
			.filter(({ stopped }) => stopped)
			.map(({ name }) => stopper(name, () => (over ? undefined : (answers[name] ?? 0))));
		await visits;
		over = true;
		await Promise.all(stops);
		expect(met).toEqual({ 200: ways.length * (KEEPERS + NEWCOMERS) * REQUESTS });
		// Else nothing collided.
		for (const { name } of ways) {
			const { wakes } = await house.row(name);
			expect({ name, often: wakes > 10 }).toEqual({ name, often: true });
		}
	},
);

/**
 * Asks again and again, with pauses; every third time it changes something, but where the program ends unasked: what that leaves in
 * its queue, the next one may accept and be stopped before anybody has a lease, and then nobody knows whether it was done.
 */
async function visitor(
	{ name, leaves }: Way,
	nth: number,
	keeps: boolean,
	meet: (name: string, outcome: string) => void,
): Promise<void> {
	const agent = new Agent({ keepAlive: keeps, maxSockets: 1 });
	const pause = pauses(nth + (keeps ? 0 : KEEPERS) + 1);
	for (let n = 0; n < REQUESTS; n++) {
		await delay(pause());
		const changes = n % 3 === 0 && leaves[0] !== 'ending';
		meet(name, await ask(agent, name, changes ? 'x'.repeat(n % 2 === 0 ? 100 : 100_000) : undefined));
	}
	agent.destroy();
}

/** Stops it each time it has answered somebody: on a slow machine it would not once get ready else. `answers`: undefined at the end. */
async function stopper(name: string, answers: () => number | undefined): Promise<void> {
	const pause = pauses(name.length);
	let before = -1;
	for (let now = answers(); now !== undefined; now = answers()) {
		if (now > before) {
			before = now;
			await house.control({ verb: 'stop', tenant: name });
		}
		await delay(pause());
	}
}

/** Milliseconds from 0 to LONGEST_PAUSE_MS, the same in each run (Park and Miller 1988). */
function pauses(seed: number): () => number {
	let state = seed * 7919;
	return () => {
		state = (state * 48_271) % 2_147_483_647;
		return state % (LONGEST_PAUSE_MS + 1);
	};
}

/** A status, or the code of the error. */
function ask(agent: Agent, name: string, body: string | undefined): Promise<string> {
	return new Promise((resolve) => {
		const method = body === undefined ? 'GET' : 'POST';
		const headers = { Host: `${name}.test`, ...(body && { 'Content-Length': body.length }) };
		const asked = request({ agent, host: '127.0.0.1', port: house.port, method, headers }, (response) => {
			response.resume();
			response.on('end', () => resolve(response.statusCode === 200 ? '200' : `${name}: ${response.statusCode}`));
			response.on('error', (error: NodeJS.ErrnoException) => resolve(`${name}: ${error.code}`));
		});
		asked.on('error', (error: NodeJS.ErrnoException) => resolve(`${name}: ${error.code}`));
		asked.end(body);
	});
}
