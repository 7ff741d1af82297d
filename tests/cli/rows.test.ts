import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { readLines, writeLine, writeLines } from '../../launcher/protocol/lines.ts';
import { PATIENCE } from '../patience.ts';
import { packageFolder } from './innkeeper.ts';

/** Rows that are written in one go, as the launcher does. */
const AT_ONCE = 200;
/** How long nothing may move until nobody waits any more for it to. */
const STILL_MS = 300;

/** A launcher with as many tenants as it is told, which hands on their rows as fast as they are taken. */
class Crowd {
	readonly folder: string = mkdtempSync(join(tmpdir(), 'innkeeper-rows-'));
	readonly control: string = join(this.folder, 'control.sock');
	count = 0;
	/** How many rows the command, or the sockets on the way to it, took. */
	taken = 0;
	readonly #server: Server = createServer((socket) => {
		socket.on('error', () => {});
		readLines(socket, () => void this.#stream(socket));
	});

	async listen(): Promise<void> {
		await once(this.#server.listen(this.control), 'listening');
	}

	async #stream(socket: Socket): Promise<void> {
		for (this.taken = 0; this.taken < this.count && !socket.destroyed; this.taken += AT_ONCE) {
			await writeLines(
				socket,
				Array.from({ length: AT_ONCE }, (_, index) => rowOf(this.taken + index)),
			);
		}
		if (socket.destroyed) return;
		writeLine(socket, { type: 'result', value: { asleep: 0, more: 0 } });
		socket.end();
	}

	/** Resolves once no row has been taken for a while. */
	async still(): Promise<void> {
		for (let before = -1; before !== this.taken || this.taken === 0; ) {
			before = this.taken;
			await delay(STILL_MS);
		}
	}

	ps(stdout: 'ignore' | 'pipe', ...words: string[]): ChildProcess {
		this.taken = 0;
		return spawn(join(packageFolder, 'bin', 'innkeeper'), ['ps', '--all', ...words, '--control', this.control], {
			stdio: ['ignore', stdout, 'pipe'],
			// V8 ends a program whose heap has no room left.
			env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=32' },
		});
	}

	close(): void {
		this.#server.close();
		rmSync(this.folder, { recursive: true });
	}
}

function rowOf(index: number): object {
	const name = `tenant-${String(index).padStart(6, '0')}`;
	const value = { id: 1000 + index, name, owner: null, state: 'stopped', pids: [], memory: 0, cpuMs: 0, leases: 0 };
	return {
		type: 'row',
		value: { ...value, connections: 0, since: '2026-11-30T20:00:00.000Z', wakes: 0, address: null },
	};
}

const crowd = new Crowd();
beforeAll(() => crowd.listen());
afterAll(() => crowd.close());
test.each([[['--json']], [[]]])(
	'ps %j holds none of the rows: 200,000, which are 40 MB of text, pass through 32 MB of heap',
	async (words) => {
		crowd.count = 200_000;
		const command = crowd.ps('ignore', ...words);
		const [code, signal] = await once(command, 'close');
		expect({ code, signal, taken: crowd.taken }).toEqual({ code: 0, signal: null, taken: crowd.count });
	},
	3 * PATIENCE,
);

test('a reader who stops reading holds up the launcher, and misses nothing when it goes on', async () => {
	crowd.count = 50_000;
	const command = crowd.ps('pipe', '--json');
	await crowd.still();
	expect(crowd.taken).toBeLessThan(crowd.count / 2);
	if (command.stdout === null) throw new Error('no stdout');
	expect(JSON.parse(await text(command.stdout))).toHaveLength(crowd.count);
});

test('a reader who has seen enough ends a long list in silence, and the launcher stops', async () => {
	crowd.count = 50_000;
	const command = crowd.ps('pipe');
	if (command.stdout === null || command.stderr === null) throw new Error('no output');
	await once(command.stdout, 'data');
	command.stdout.destroy();
	const said = text(command.stderr);
	const [code] = await once(command, 'close');
	expect({ code, said: await said }).toEqual({ code: 0, said: '' });
	await crowd.still();
	expect(crowd.taken).toBeLessThan(crowd.count);
});
