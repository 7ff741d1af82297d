import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { siteFolders } from '../config/site.ts';
import type { Context } from './context.ts';
import type { Call } from './parse.ts';
import { siteOf } from './site.ts';

/**
 * Where the running server's control socket is: as the command line says, else the environment, else where this user's server has
 * it by default, or the clone that this command is of where only `npm start` runs. Throws a Failure where the config that the command line names is refused.
 */
export async function controlPath(call: Call, context: Context): Promise<string> {
	if (call.control !== undefined) return call.control;
	if (call.config !== undefined) {
		// Loaded here alone: the schemas would triple the time that a command takes which needs none of them.
		const { loadConfig } = await import('./configuration.ts');
		return loadConfig(call.config, context).control;
	}
	const said = context.env['INNKEEPER_CONTROL'];
	if (said !== undefined && said !== '') return said;
	const usual = join(siteFolders(siteOf(context)).run, 'control.sock');
	// `npm start` keeps its sockets inside the clone (bin/start).
	const clone = join(context.packageFolder, 'build', 'run', 'control.sock');
	return existsSync(usual) || !existsSync(clone) ? usual : clone;
}
