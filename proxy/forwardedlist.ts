/** The parameters of one element of Forwarded, by their names in lower case. */
export type ForwardedElement = ReadonlyMap<string, string>;

/** `name=token` or `name="quoted"` (RFC 7239 §4, RFC 9110 §5.6), with the blanks around it that many write. */
const PAIR =
	/[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t -\x7e\x80-\xff])*)")[ \t]*/y;

/** The elements of one line of Forwarded (RFC 7239 §4); undefined where it breaks the grammar, or names a parameter twice. */
export function readElements(line: string): ForwardedElement[] | undefined {
	const elements: ForwardedElement[] = [];
	let element = new Map<string, string>();
	let at = 0;
	for (;;) {
		while (line[at] === ' ' || line[at] === '\t') at++;
		PAIR.lastIndex = at;
		const [pair, name, token, quoted = ''] = PAIR.exec(line) ?? [];
		if (pair !== undefined && name !== undefined) {
			at += pair.length;
			if (element.has(name.toLowerCase())) return undefined;
			element.set(name.toLowerCase(), token ?? quoted.replace(/\\(.)/g, '$1'));
		}
		if (line[at] === ';') {
			at++;
			continue;
		}
		if (at < line.length && line[at] !== ',') return undefined;
		if (element.size > 0) elements.push(element);
		if (at === line.length) return elements;
		element = new Map();
		at++;
	}
}
