import { formatDuration, parseDuration } from '../../config/units.ts';
import { type Ladder, rungs, type Setting } from './ladder.ts';

/** After how long a tenant is stopped, as tenant files say it. */
const STOPS = ['10s', '30s', '1m', '5m', '15m', '1h', 'never'] as const;

/** After how long a tenant is put on a higher rung, where there is such a rung: both short, for such a way back is cheap. */
const SHORT = ['10s', '1m'] as const;

/**
 * The settings that are tried on this kind of tenant: every time of stopping alone, and each after an earlier stay on one of the
 * higher rungs that are built.
 */
export function settingsFor(ladder: Ladder): Setting[] {
	const higher = rungs.filter(({ name, timer }) => timer !== 'stop' && ladder.rungs[name] !== undefined);
	return STOPS.flatMap((stop) => {
		const after = parseDuration(stop);
		const stopped: Setting = { name: `stop ${stop}`, idle: after === undefined ? {} : { stop: after } };
		const staying = higher.flatMap(({ timer }) =>
			SHORT.map((short) => ({ timer, short: parseDuration(short) ?? 0 }))
				.filter(({ short }) => short < (after ?? Number.POSITIVE_INFINITY))
				.map(({ timer, short }) => ({
					name: `${timer} ${formatDuration(short)}, ${stopped.name}`,
					idle: { ...stopped.idle, [timer]: short },
				})),
		);
		return [stopped, ...staying];
	});
}

/** The same setting where time runs `faster` times as fast. */
export function faster(setting: Setting, times: number): Setting {
	const idle = Object.entries(setting.idle).map(([timer, after]) => [timer, after / times]);
	return { name: setting.name, idle: Object.fromEntries(idle) };
}
