import type { Config } from '../config/config.ts';
import type { Rights } from './rights.ts';

/** A user and its group, by number. */
export interface User {
	readonly uid: number;
	readonly gid: number;
}

/** How the keeper is to start the launcher. */
export interface LauncherStart {
	readonly arguments: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
}

/** The keeper's arguments, as launcher/native/PROTOCOL.md says. `edgeUser` undefined: edges run as the keeper does. */
export function keeperArguments(
	config: Pick<Config, 'run' | 'control'>,
	rights: Rights,
	edgeUser: User | undefined,
	launcher: LauncherStart,
): string[] {
	const pairs: [key: string, value: string | number][] = [
		['run', config.run],
		['control', config.control],
		['tag', rights.tag],
		['hall', rights.hall ? 1 : 0],
		['greeting', rights.line],
	];
	if (rights.cgroup !== undefined) pairs.push(['cgroup', rights.cgroup]);
	if (edgeUser !== undefined) pairs.push(['edge-uid', edgeUser.uid], ['edge-gid', edgeUser.gid]);
	for (const argument of launcher.arguments) pairs.push(['launcher', argument]);
	for (const [name, value] of Object.entries(launcher.environment)) pairs.push(['launcher-env', `${name}=${value}`]);
	return pairs.map(([key, value]) => `${key}=${value}`);
}
