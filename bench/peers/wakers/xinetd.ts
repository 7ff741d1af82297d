import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import type { Command } from '../../cold/server.ts';
import { debianTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { WakerKind } from './waker.ts';

const program = '/usr/sbin/xinetd';

/** xinetd(8), a stream service with `wait = no`: a process a visitor, whose connection is its stdin and stdout. */
export const xinetd: WakerKind = {
	name: 'xinetd',
	tools: [debianTool('xinetd', program, ['-version'], 'xinetd')],
	serves: () => true,
	start: async ({ inetd }, folder) => {
		const port = await freePort();
		const file = join(folder, 'xinetd.conf');
		await writeFile(file, config(port, inetd));
		const daemon = await Daemon.start(
			[
				program,
				'-dontfork',
				'-f',
				file,
				'-filelog',
				join(folder, 'xinetd.log'),
				'-pidfile',
				join(folder, 'xinetd.pid'),
			],
			{ at: port },
		);
		return {
			port,
			host: 'bench.test',
			note: 'a process a visitor, which ends with the visit',
			rest: async () => {},
			isAsleep: () => daemon.descendants().length === 0,
			end: () => daemon.end(),
		};
	},
};

/** As xinetd.conf(5) has it; `cps` is raised, for its default of 50 visitors a second would shut the door for ten seconds. */
function config(port: number, [server, ...words]: Command): string {
	return `
defaults
{
	cps = 1000 1
}
service bench
{
	type = UNLISTED
	disable = no
	socket_type = stream
	protocol = tcp
	bind = 127.0.0.1
	port = ${port}
	wait = no
	user = ${userInfo().username}
	server = ${server}
	${words.length === 0 ? '' : `server_args = ${words.join(' ')}`}
	env = INETD=1
}
`;
}
