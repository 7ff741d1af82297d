import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { debianTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { WakerKind } from './waker.ts';

const program = '/usr/bin/uwsgi-core';

/** The uWSGI Emperor with an on-demand vassal ("On demand vassals (socket activation)" in its documentation): a WSGI application. */
export const emperor: WakerKind = {
	name: 'uWSGI Emperor',
	tools: [debianTool('uWSGI', program, ['--version'], 'uwsgi-core uwsgi-plugin-python3')],
	serves: ({ slug }) => slug === 'python',
	start: async (server, folder) => {
		const port = await freePort();
		const vassals = join(folder, 'vassals');
		await mkdir(vassals, { recursive: true });
		// The Emperor makes the socket that is named beside the vassal's file, and starts it at its first visitor.
		await writeFile(join(vassals, 'hello.ini.socket'), `127.0.0.1:${port}`);
		await writeFile(join(vassals, 'hello.ini'), vassal(join(server.folder, 'hello.wsgi.py')));
		const daemon = await Daemon.start(
			[program, '--emperor', vassals, '--emperor-on-demand-extension', '.socket', '--die-on-term'],
			{ at: port },
		);
		return {
			port,
			host: 'bench.test',
			note: 'a WSGI application; at rest some 4 s behind a visit: the vassal ends after 1 s, the Emperor looks every 3 s',
			rest: async () => {},
			isAsleep: () => daemon.descendants().length === 0,
			end: () => daemon.end(),
		};
	},
};

/** The shortest idle time that there is: it is whole seconds. */
function vassal(application: string): string {
	return `
[uwsgi]
plugin = python3
protocol = http
wsgi-file = ${application}
master = true
processes = 1
idle = 1
die-on-idle = true
disable-logging = true
`;
}
