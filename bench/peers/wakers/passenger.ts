import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { processTree } from '../../../tests/system/processes.ts';
import { debianTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { WakerKind } from './waker.ts';

const program = '/usr/bin/passenger';

/** The entry files of the Node servers that it can run. */
const startupFiles: Readonly<Record<string, string>> = { node: 'hello.mjs', express: 'express.mjs' };

/**
 * Phusion Passenger Standalone with its builtin engine: Debian builds no module for nginx, and the agent that it does build needs
 * nothing else. `--min-instances 0` lets the last process go, `--pool-idle-time` says when.
 */
export const passenger: WakerKind = {
	name: 'Passenger Standalone',
	tools: [debianTool('Passenger', program, ['--version'], 'passenger')],
	serves: ({ slug }) => slug in startupFiles,
	start: async (server, folder) => {
		const port = await freePort();
		const registry = join(folder, 'passenger');
		await mkdir(registry, { recursive: true });
		const words = [
			...['start', '--engine', 'builtin', '--address', '127.0.0.1', '--port', String(port)],
			...['--environment', 'production', '--app-type', 'node', '--startup-file', startupFiles[server.slug] ?? ''],
			...['--nodejs', process.execPath, '--min-instances', '0', '--pool-idle-time', '1'],
			...['--instance-registry-dir', registry, '--log-file', join(registry, 'passenger.log')],
			...['--pid-file', join(registry, 'passenger.pid'), '--no-install-runtime', '--no-compile-runtime'],
			...['--disable-security-update-check', '--disable-anonymous-telemetry'],
		];
		const env = { HOME: registry, TMPDIR: registry };
		const daemon = await Daemon.start([program, ...words], { at: port, cwd: server.folder, env });
		// The watchdog leaves the command's tree, and its core starts the applications.
		let watchdog: number;
		try {
			watchdog = watchdogOf(registry);
		} catch (error) {
			await daemon.end('SIGINT');
			throw error;
		}
		const atRest = processTree(watchdog).length;
		return {
			port,
			host: 'bench.test',
			note: 'at rest 1 to 2 s behind a visit: its idle time is whole seconds',
			rest: async () => {},
			isAsleep: () => processTree(watchdog).length <= atRest,
			// It stops its agents where it is interrupted, as by a person's Ctrl-C.
			end: () => daemon.end('SIGINT', processTree(watchdog)),
		};
	},
};

/** The pid in the one instance of this registry. Throws where there is none. */
function watchdogOf(registry: string): number {
	// Its log and pid files are called alike.
	const entries = readdirSync(registry, { withFileTypes: true });
	const instance = entries.find((entry) => entry.isDirectory() && /^passenger\.\w+$/.test(entry.name));
	if (instance === undefined) throw new Error('Passenger keeps no record of itself');
	return Number(JSON.parse(readFileSync(join(registry, instance.name, 'properties.json'), 'utf8')).watchdog_pid);
}
