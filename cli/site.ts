import { availableParallelism } from 'node:os';
import type { Site } from '../config/site.ts';
import type { Context } from './context.ts';

/** Whose server runs here, or would, and where: what the defaults of a config depend on. */
export function siteOf({ user, env }: Context): Site {
	return {
		uid: user.uid,
		home: env['HOME'],
		stateHome: env['XDG_STATE_HOME'],
		runtimeDir: env['XDG_RUNTIME_DIR'],
		cores: availableParallelism(),
	};
}
