import { write, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { systemClock } from './clock.ts';
import { Edge } from './edge.ts';
import type { ListenMessage } from './listener.ts';

/**
 * An edge worker's process, started by the keeper (launcher/native/PROTOCOL.md, Edges): argv has the path of edge.sock, stdin to
 * stderr are the house's, and listening sockets come by Node's IPC channel.
 */
type KeeperMessage =
	| { innkeeper: 'worker'; worker: number }
	| ({ innkeeper: 'listen' } & ListenMessage)
	| { innkeeper: 'close'; name: string };

/** How long (ms) a worker that is told to retire waits for the visitors that it has. */
const RETIRE_DEADLINE = 30_000;

/** How long (ms) until a pipe that was full is tried again. */
const FULL_PIPE_WAIT = 10;

/** How long (ms) the last write to stdout may take. */
const LAST_WRITE = 100;

const socketPath = process.argv[2];
if (socketPath === undefined) throw new Error('argv[2] must be the path of edge.sock');

let edge: Edge | undefined;

process.on('message', (message: KeeperMessage, handle: unknown) => {
	switch (message.innkeeper) {
		case 'worker':
			edge = new Edge({
				worker: message.worker,
				pid: process.pid,
				clock: systemClock,
				connect: () => connect(socketPath),
				sink: writeLog,
				report: (line) => say(`innkeeper: edge worker ${message.worker}: ${line}`),
				finished: exit,
			});
			break;
		case 'listen':
			edge?.listen(message, handle);
			break;
		case 'close':
			edge?.close(message.name);
			break;
	}
});

// The end of the channel is the end of the house.
process.on('disconnect', exit);

process.on('SIGTERM', () => {
	if (edge === undefined) exit();
	else edge.drain(RETIRE_DEADLINE);
});

/** The house's SIGINT (a terminal's) is the keeper's to act upon. */
process.on('SIGINT', () => {});

/** A line for the operator, with the time: an edge that sees nothing of the system knows UTC alone. One that nobody takes is lost. */
function say(line: string): void {
	try {
		writeSync(2, `${new Date().toISOString().slice(0, 19)}+00:00  ${line}\n`);
	} catch {}
}

/** True while a write to stdout is under way. */
let writing = false;

/** Writes all of the bytes to stdout. write(2) may take a part of it, or, where stdout is a full pipe that does not block, nothing. */
function writeLog(bytes: Buffer, done: () => void): void {
	writing = true;
	writeRest(bytes, () => {
		writing = false;
		done();
	});
}

function writeRest(bytes: Buffer, done: () => void): void {
	write(1, bytes, (error, written) => {
		if (error?.code === 'EAGAIN') setTimeout(writeRest, FULL_PIPE_WAIT, bytes, done);
		else if (error !== null || written === bytes.length) done();
		else writeRest(bytes.subarray(written), done);
	});
}

/** process.exit() would wait for a write(2) that nobody reads, so a write gets its time before. */
function exit(): void {
	if (!writing) process.exit(0);
	setTimeout(() => {
		if (writing) process.kill(process.pid, 'SIGKILL');
		else process.exit(0);
	}, LAST_WRITE);
}
