import { join } from 'node:path';

/** Whose server it is and where: what the defaults of a config depend on. */
export interface Site {
	/** The server's user, by number; 0 is root. */
	readonly uid: number;
	/** HOME, XDG_STATE_HOME and XDG_RUNTIME_DIR of the environment (XDG Base Directory Specification). */
	readonly home: string | undefined;
	readonly stateHome: string | undefined;
	readonly runtimeDir: string | undefined;
	/** How many cores this machine has; what `workers: auto` comes to. */
	readonly cores: number;
}

/** Where root's server and that of an ordinary user keep their things by default. */
export function siteFolders(site: Site): { readonly state: string; readonly run: string } {
	if (site.uid === 0) return { state: '/var/lib/innkeeper', run: '/run/innkeeper' };
	// A relative path in these variables is to be ignored (the same specification).
	const state = join(absolute(site.stateHome) ?? join(absolute(site.home) ?? '/', '.local', 'state'), 'innkeeper');
	const runtime = absolute(site.runtimeDir);
	return { state, run: runtime === undefined ? join(state, 'run') : join(runtime, 'innkeeper') };
}

function absolute(folder: string | undefined): string | undefined {
	return folder?.startsWith('/') ? folder : undefined;
}
