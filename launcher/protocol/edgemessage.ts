import { type Check, isCount, isFlag, isList, isMap, isSpan, isText, optional, wrongKey } from './checks.ts';
import { type EdgeMessage, MOST_A_MESSAGE } from './edge.ts';

type Type = EdgeMessage['type'];
type KeysOf<Each extends Type> = Exclude<keyof Extract<EdgeMessage, { type: Each }>, 'type'>;

/** A VPS id (tenants/ids.ts). */
const id = isCount(1, 2 ** 24 - 1);
const seq = isCount();
const instance = isCount();
const lease: Check = (value) => isMap(value) && wrongKey(value, { id, instance }) === undefined;
const leases = isList(lease, MOST_A_MESSAGE);
const visitor: Check = (value) =>
	isMap(value) && wrongKey(value, { address: isText(100), request: isText(1000) }) === undefined;
const connections: Check = (value) => {
	if (!isMap(value)) return false;
	const counts = Object.entries(value);
	return counts.length <= MOST_A_MESSAGE && counts.every(([key, count]) => id(Number(key)) && isCount()(count));
};

/** What each message says beside its type. */
const shapes: { readonly [Each in Type]: Readonly<Record<KeysOf<Each>, Check>> } = {
	hello: { protocol: isCount(), worker: isCount(1, 1000), pid: isCount(), leases, more: optional(isFlag) },
	leases: { leases, more: optional(isFlag) },
	resolve: { seq, key: isText(1000) },
	state: { seq, id },
	acquire: { seq, id, name: isText(100), visitor },
	release: { id, instance, idle: isSpan },
	refused: { id, instance },
	silent: { id, instance },
	counted: { seq, connections, more: optional(isFlag) },
};

/** What somebody said on edge.sock as a message of an edge worker's, or what is wrong with it. */
export function readEdgeMessage(message: unknown): { readonly message: EdgeMessage } | { readonly wrong: string } {
	if (!isMap(message) || typeof message['type'] !== 'string' || !Object.hasOwn(shapes, message['type']))
		return { wrong: 'a message of no known type' };
	const { type, ...rest } = message;
	const wrong = wrongKey(rest, shapes[type as Type]);
	return wrong === undefined
		? { message: message as unknown as EdgeMessage }
		: { wrong: `${type}: ${JSON.stringify(wrong.slice(0, 40))} is out of range` };
}
