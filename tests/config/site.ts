import type { Site } from '../../config/site.ts';

/** A site whose server's user is whoever runs the tests. */
export const site: Site = {
	uid: process.getuid?.() ?? 0,
	home: '/home/keeper',
	stateHome: undefined,
	runtimeDir: undefined,
	cores: 4,
};
