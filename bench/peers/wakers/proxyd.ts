import { freePort } from '../../../tests/system/freeport.ts';
import { compile } from '../../programs.ts';
import { debianTool } from '../tool.ts';
import { activate, activated } from './activate.ts';
import type { WakerKind } from './waker.ts';

const systemdSocketProxyd = '/lib/systemd/systemd-socket-proxyd';

/**
 * systemd-socket-proxyd(8) behind systemd-socket-activate, for servers that know nothing of inherited sockets. Its manual's first
 * example has a service `Requires=` and `After=` the server; where systemd is not at work, programs/after.c is that.
 */
export const proxyd: WakerKind = {
	name: 'systemd-socket-activate + proxyd',
	tools: [...activate.tools, debianTool('systemd-socket-proxyd', systemdSocketProxyd, ['--version'], 'systemd')],
	serves: () => true,
	start: async ({ command }, folder) => {
		const after = await compile('after', folder);
		const port = await freePort();
		return activated(
			[after, String(port), ...command(port), '--', systemdSocketProxyd, `127.0.0.1:${port}`],
			'proxyd begins when the server takes connections, asked every 0.2 ms',
		);
	},
};
