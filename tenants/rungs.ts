import type { Document, Path } from '../config/document.ts';
import type { Fault } from '../config/fault.ts';

/** Rungs of the ladder of sleep that are not built yet; they count as off. */
const UNBUILT_RUNGS = ['freeze', 'reclaim', 'checkpoint'] as const;

/** One notice for all such rungs that the tenant keys under the path ask for; empty where they ask for none. */
export function rungNotices(document: Document, path: Path): Fault[] {
	const idle = [...path, 'idle'].reduce(below, document.value);
	const asked = UNBUILT_RUNGS.filter((rung) => ![undefined, 'off', false].includes(below(idle, rung) as undefined));
	const [first] = asked;
	if (first === undefined) return [];
	const message = `not built yet, counts as off: ${asked.map((rung) => `idle.${rung}`).join(', ')}`;
	return [document.keyFault([...path, 'idle', first], { code: 'not-built-yet', message, severity: 'notice' })];
}

function below(value: unknown, key: string | number): unknown {
	const isMap = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
	return isMap ? (value as Record<string | number, unknown>)[key] : undefined;
}
