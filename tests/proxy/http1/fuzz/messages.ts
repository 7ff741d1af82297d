/** Messages by a small grammar, valid ones and broken ones, from a seeded source of chance. */

/** Whole numbers below `limit`; the same for the same seed (xorshift32). */
export type Chance = (limit: number) => number;

export function chanceOf(seed: number): Chance {
	let state = seed | 1;
	return (limit) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % limit;
	};
}

function pick<T>(chance: Chance, among: readonly T[]): T {
	return among[chance(among.length)] as T;
}

function times(chance: Chance, most: number, make: () => string): string {
	return Array.from({ length: chance(most + 1) }, make).join('');
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'M-SEARCH', 'PROPFIND', 'get', 'x-Y'];
const TARGETS = [
	'/',
	'/a/b?c=d&e',
	'//x',
	'/%2e%2e/',
	'/"<>\\^`{|}',
	'http://a.example/x',
	'http://a.example',
	'http://a.example?q',
	'http://b.example:80/x',
	'/\xc3\xa9?\xff',
];
const FIELDS = [
	['Accept', '*/*'],
	['x-empty', ''],
	['Cookie', 'a=b; c="d"'],
	['X-Latin', '\xe9\xfc\xff'],
	["!#$%&'*+-.^_`|~", 'token'],
	['Connection', 'keep-alive'],
	['Connection', 'close'],
	['Connection', 'Upgrade'],
	['Connection', 'x-hop'],
	['Upgrade', 'websocket'],
	['Expect', '100-continue'],
	['TE', 'trailers'],
	['Trailer', 'x-sum'],
	['Keep-Alive', 'timeout=5'],
] as const;

function fieldLine(chance: Chance): string {
	const [name, value] = pick(chance, FIELDS);
	return `${name}:${pick(chance, ['', ' ', ' ', ' ', '\t', '  \t'])}${value}${pick(chance, ['', '', '', ' ', '\t '])}\r\n`;
}

/** Field lines that frame the body, and the body. */
function framedBody(chance: Chance): [string, string] {
	const content = times(chance, 3, () =>
		pick(chance, ['x', 'hello', '\r\n', '0\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', '\0\xff']),
	);
	if (chance(2) === 0) return [`Content-Length: ${pick(chance, ['', '', '0', '000'])}${content.length}\r\n`, content];
	let body = '';
	for (let at = 0; at < content.length; ) {
		const size = 1 + chance(content.length - at);
		const extension = pick(chance, ['', '', '', '', ';a', ';a=b', ';a="b;c"', ' ', ' ; a=b']);
		body += `${pick(chance, ['', '', '', '0', '00'])}${size.toString(16)}${extension}\r\n${content.slice(at, at + size)}\r\n`;
		at += size;
	}
	return [
		`${pick(chance, ['Transfer-Encoding', 'transfer-encoding'])}: chunked\r\n`,
		`${body}0\r\n${times(chance, 2, () => 'X-Sum: 1\r\n')}\r\n`,
	];
}

export function requestStream(chance: Chance): string {
	return times(chance, 2, () => request(chance)) + request(chance);
}

function request(chance: Chance): string {
	const [framing, body] = chance(2) === 0 ? ['', ''] : framedBody(chance);
	const version = pick(chance, ['1.1', '1.1', '1.1', '1.1', '1.1', '1.1', '1.0', '1.3']);
	const fields = `Host: a.example\r\n${times(chance, 3, () => fieldLine(chance))}${framing}`;
	return `${pick(chance, METHODS)} ${pick(chance, TARGETS)} HTTP/${version}\r\n${fields}\r\n${body}`;
}

const STATUSES = ['200 OK', '200', '200 ', '404 Not Found', '204 No Content', '304 Not Modified', '500 \xe9', '206 P'];

export function responseStream(chance: Chance): string {
	const interim =
		chance(6) === 0 ? pick(chance, ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Hints\r\nLink: <x>\r\n\r\n']) : '';
	const status = pick(chance, STATUSES);
	const bodiless = status.startsWith('204') || status.startsWith('304');
	const [framing, body] = bodiless ? ['', ''] : chance(4) === 0 ? ['', 'until the end'] : framedBody(chance);
	const version = pick(chance, ['1.1', '1.1', '1.1', '1.0']);
	const head = `${interim}HTTP/${version} ${status}\r\n${times(chance, 3, () => fieldLine(chance))}${framing}\r\n`;
	return (chance(3) === 0 ? unusual(chance, head) : head) + body;
}

/** The head in a shape that small servers give it. */
function unusual(chance: Chance, head: string): string {
	switch (chance(6)) {
		case 0:
			return head.replaceAll('\r\n', '\n');
		case 1:
			return head.replace(' ', pick(chance, ['  ', '\t', ' \t ']));
		case 2:
			return pick(chance, ['\r\n', '\n', '\r\n\r\n']) + head;
		case 3:
			return head.replaceAll(/:(?=.*\r\n)/g, pick(chance, [' :', '\t:']));
		case 4:
			return head.replace(
				/(?<=\n)(Content-Length: .*\r\n)/,
				pick(chance, ['$1$1', '$1$1X: 1\r\n', '$1content-length: 1\r\n']),
			);
		default:
			return head.replace(/(?<=:.*)\r\n/, pick(chance, ['\r\n folded\r\n', '\r\n\t\r\n', '\n  a: b\n']));
	}
}

/** What smugglers put where it does not belong. */
const SHARDS = [
	...[
		'\r',
		'\n',
		'\r\n',
		'\r\n\r\n',
		' ',
		'\t',
		'\0',
		'\x0b',
		'\x0c',
		'\x7f',
		'\x80',
		'\xff',
		':',
		',',
		';',
		'+',
		'-',
		'#',
		'"',
	],
	...[
		'0',
		'1',
		'5',
		'a',
		'A',
		'x',
		'0x',
		'Content-Length: 5\r\n',
		'Content-Length: 6\r\n',
		'Transfer-Encoding: chunked\r\n',
	],
	...[
		'Transfer-Encoding: identity\r\n',
		'Transfer-Encoding: gzip, chunked\r\n',
		'Transfer-Encoding:\x0bchunked\r\n',
		' folded\r\n',
	],
	...[
		'Host: b.example\r\n',
		'HTTP/1.0',
		'HTTP/2.0',
		'chunked',
		', chunked',
		'chunked, ',
		';a=b',
		'0\r\n\r\n',
		'ffffffffffffffff',
		'80000000',
	],
	...[
		'Connection: upgrade\r\nUpgrade: websocket\r\n',
		'Connection: content-length\r\n',
		'Connection: close\r\n',
		'CONNECT ',
		'*',
	],
];

/** The text with up to three mutations; often none. */
export function mutated(chance: Chance, text: string): string {
	for (let count = chance(4); count > 0; count--) {
		const at = chance(text.length + 1);
		const length = chance(chance(4) === 0 ? 20 : 3);
		const cut = text.slice(at, at + length);
		const behind = text.slice(at + length);
		switch (chance(6)) {
			case 0:
				text = text.slice(0, at) + behind;
				break;
			case 1:
				text = text.slice(0, at) + cut + cut + behind;
				break;
			case 2:
				text = text.slice(0, at) + String.fromCharCode(chance(256)) + text.slice(at + 1);
				break;
			case 3:
				text = text.slice(0, at) + pick(chance, SHARDS) + behind;
				break;
			case 4:
				text = text.slice(0, at) + pick(chance, SHARDS) + cut + behind;
				break;
			case 5: {
				// Where a line begins.
				const line = text.indexOf('\r\n', at) + 2;
				text = text.slice(0, line) + pick(chance, SHARDS) + text.slice(line);
				break;
			}
		}
	}
	return text;
}
