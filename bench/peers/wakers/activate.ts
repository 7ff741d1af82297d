import { freePort } from '../../../tests/system/freeport.ts';
import type { Command } from '../../cold/server.ts';
import { debianTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { Waker, WakerKind } from './waker.ts';

export const systemdSocketActivate = '/usr/bin/systemd-socket-activate';

/** systemd-socket-activate(1), the command: waits for the first visitor, then becomes the server, which inherits the socket. */
export const activate: WakerKind = {
	name: 'systemd-socket-activate',
	tools: [debianTool('systemd-socket-activate', systemdSocketActivate, ['--version'], 'systemd')],
	serves: ({ inherits }) => inherits,
	start: async ({ command }) => activated(command(await freePort())),
};

/** A waker that starts this command with the socket; `note` is told beside how it is put to rest. */
export async function activated(command: Command, note?: string): Promise<Waker> {
	const port = await freePort();
	// It hands on to the server but what it is told to (-E), and PATH, HOME and the like.
	const start = (): Promise<Daemon> =>
		Daemon.start([systemdSocketActivate, '-l', `127.0.0.1:${port}`, '-E', 'LANG', '-E', 'NODE_ENV', ...command], {
			at: port,
		});
	let daemon = await start();
	const restNote = 'ended and started again behind each visit: it becomes the server';
	return {
		port,
		host: 'bench.test',
		note: note === undefined ? restNote : `${note}; ${restNote}`,
		rest: async () => {
			await daemon.end('SIGKILL');
			daemon = await start();
		},
		isAsleep: () => daemon.descendants().length === 0,
		end: () => daemon.end('SIGKILL'),
	};
}
