import { nearest } from '../../config/nearest.ts';
import { type Check, isCount, isFlag, isList, isMap, isOneOf, isText, optional, wrongKey } from './checks.ts';
import { type ControlRequest, sortKeys, tenantStates } from './control.ts';

type Verb = ControlRequest['verb'];
type KeysOf<Each extends Verb> = Exclude<keyof Extract<ControlRequest, { verb: Each }>, 'verb'>;

const MOST_NAMES = 1000;

/** A name or an id; longer ones are none that a tenant can have. */
const tenant = isText(256);
const names = optional(isList(tenant, MOST_NAMES));

/** What each verb says beside its name. */
const shapes: { readonly [Each in Verb]: Readonly<Record<KeysOf<Each>, Check>> } = {
	ps: {
		awake: optional(isFlag),
		names,
		states: optional(isList(isOneOf(tenantStates), tenantStates.length)),
		owner: optional(tenant),
		sort: optional(isOneOf(sortKeys)),
		limit: optional(isCount()),
	},
	list: { names },
	status: { tenant },
	whois: { pid: isCount(1, 2 ** 31 - 1) },
	wake: { tenant },
	stop: { tenant },
	restart: { tenant, rollback: optional(isFlag) },
	reload: {},
	explain: { tenant },
	logs: { tenant, lines: isCount(0, 999_999), follow: isFlag },
};

/** What somebody said on the control socket as a request, or what is wrong with it. */
export function readRequest(message: unknown): { readonly request: ControlRequest } | { readonly wrong: string } {
	if (!isMap(message) || typeof message['verb'] !== 'string') return { wrong: 'a request is a map with a verb' };
	const { verb, ...rest } = message;
	if (!Object.hasOwn(shapes, verb as string)) return { wrong: noSuchVerb(verb as string) };
	const wrong = wrongKey(rest, shapes[verb as Verb]);
	if (wrong === undefined) return { request: message as unknown as ControlRequest };
	return { wrong: `${verb}: ${shown(wrong)} is not as this server understands it` };
}

function noSuchVerb(verb: string): string {
	const meant = nearest(verb, Object.keys(shapes));
	return `there is no verb ${shown(verb)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** Whatever it is, it is a word on a line. */
function shown(word: string): string {
	return word.length > 40 ? `${JSON.stringify(word.slice(0, 40))}…` : JSON.stringify(word);
}
