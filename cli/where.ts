import type { Context } from './context.ts';
import type { Call } from './parse.ts';

/** Where the running server's control socket is: as the command line says, else the environment, else this user's default. */
export async function controlPath(call: Call, context: Context): Promise<string> {
	const said = call.control ?? (call.config === undefined ? context.env['INNKEEPER_CONTROL'] : undefined);
	if (said !== undefined && said !== '') return said;
	// Read here alone: a command that was told the socket need not load the schemas.
	const { defaultControl, loadConfig } = await import('./configuration.ts');
	return call.config === undefined ? defaultControl(context) : loadConfig(call.config, context).control;
}
