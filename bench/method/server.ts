import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** A server that the bench runs plainly: a peer, or what stands behind it. */
export interface Server {
	readonly pid: number;
	end(): Promise<void>;
}

const LOOK_EVERY_MS = 10;
const READY_WITHIN_MS = 10_000;

/**
 * Starts it and resolves once its port takes connections; its stdout goes to the file, if one is named. Rejects with its own words where
 * it does not, or somebody else has the port.
 */
export async function startServer(
	[program, ...words]: readonly [string, ...string[]],
	port: number,
	env: Readonly<Record<string, string>> = {},
	output?: string,
): Promise<Server> {
	if (await canConnect(port)) throw new Error(`${program}: port ${port} is in use`);
	// An open stream becomes the server's own; what execa itself takes to a file comes by a pipe through the bench, 100 MB at most.
	const log = output === undefined ? undefined : createWriteStream(output);
	if (log !== undefined) await once(log, 'open');
	const server = execa(program, words, {
		env,
		stdin: 'ignore',
		stdout: log ?? 'ignore',
		reject: false,
		forceKillAfterDelay: 5000,
	});
	log?.close();
	let ended = false;
	void server.then(() => {
		ended = true;
	});
	const end = async (): Promise<void> => {
		server.kill('SIGTERM');
		await server;
	};
	const until = performance.now() + READY_WITHIN_MS;
	while (!(await canConnect(port))) {
		if (server.pid === undefined || ended) throw new Error(`${program} ended at once: ${(await server).stderr}`);
		if (performance.now() > until) {
			await end();
			throw new Error(`${program} does not listen on ${port}`);
		}
		await delay(LOOK_EVERY_MS);
	}
	if (server.pid === undefined) throw new Error(`${program} has no pid`);
	return { pid: server.pid, end };
}

async function canConnect(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}
