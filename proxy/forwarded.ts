import { BlockList, isIP, isIPv6 } from 'node:net';
import { type ForwardedElement, readElements } from './forwardedlist.ts';
import { routingHost } from './http1/target.ts';

/** The IPv4 address in an IPv4-mapped IPv6 one, or the address as it is. */
export function plainAddress(address: string): string {
	return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Whose word on forwarding is believed: addresses and CIDR blocks, as in the config's trustedProxies. */
export function trustedAddresses(blocks: readonly string[]): (address: string) => boolean {
	if (blocks.length === 0) return () => false;
	const list = new BlockList();
	for (const block of blocks) {
		const [address = '', bits] = block.split('/');
		const family = isIPv6(address) ? 'ipv6' : 'ipv4';
		if (bits === undefined) list.addAddress(address, family);
		else list.addSubnet(address, Number(bits), family);
	}
	return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** What a proxy in front of us said of where a request comes from. */
export interface Said {
	/** Who asked whom, the visitor first: addresses, and `unknown` for what is none. */
	readonly hops: readonly string[];
	/** What the visitor asked by and for; undefined where that was not said. */
	readonly proto: string | undefined;
	readonly host: string | undefined;
}

export const NOTHING_SAID: Said = { hops: [], proto: undefined, host: undefined };

/** Reads X-Forwarded-For, -Proto and -Host; of several words in one of the latter, the last is the nearest proxy's. */
export function readXForwarded(forwardedFor: string, proto: string, host: string): Said {
	const hops = forwardedFor === '' ? [] : forwardedFor.split(',').map((word) => hopOf(word.trim()));
	return { hops, proto: checkedProto(lastWord(proto)), host: checkedHost(lastWord(host)) };
}

/**
 * Reads the lines of Forwarded (RFC 7239). A line that is broken, as by a quote that is not closed, and what stands before it is
 * nobody's word. By what and for whom the visitor asked is said by the outermost proxy that is trusted, not by the visitor.
 */
export function readForwarded(lines: readonly string[], isTrusted: (address: string) => boolean): Said {
	let elements: ForwardedElement[] = [];
	for (const line of lines) {
		const read = readElements(line);
		elements = read === undefined ? [] : [...elements, ...read];
	}
	const hops = elements.map((element) => hopOf(element.get('for') ?? ''));
	let visitor = hops.length - 1;
	while (visitor > 0 && hops[visitor] !== UNKNOWN && isTrusted(hops[visitor] as string)) visitor--;
	const said = elements.slice(Math.max(0, visitor));
	const first = (name: string) => said.find((element) => element.has(name))?.get(name);
	return {
		hops,
		proto: checkedProto(first('proto')),
		host: checkedHost(first('host')),
	};
}

/**
 * The field lines that tell a tenant where the request comes from, in both families alike: what was said before, and behind it
 * `client`, from whom we have it. `host` is Host's value, for where nothing else was said.
 */
export function originLines(said: Said, client: string, host: string): string {
	const proto = said.proto ?? 'http';
	const asked = said.host ?? host;
	const askedHost = asked === '' ? '' : `;host=${tokenOrQuoted(asked)}`;
	// Nearly always nobody stands between the visitor and us.
	const direct = said.hops.length === 0;
	const hops = direct ? client : [...said.hops, client].join(', ');
	const first = said.hops[0] ?? client;
	const others = direct ? '' : [...said.hops.slice(1), client].map((hop) => `, ${forwardedFor(hop)}`).join('');
	return (
		`X-Forwarded-For: ${hops}\r\n` +
		`X-Forwarded-Proto: ${proto}\r\n` +
		`X-Forwarded-Host: ${asked}\r\n` +
		`Forwarded: ${forwardedFor(first)};proto=${proto}${askedHost}${others}\r\n`
	);
}

/** The last hop that no trusted proxy is: the visitor, as far as that is known. */
export function originalClient(hops: readonly string[], peer: string, isTrusted: (address: string) => boolean): string {
	for (let i = hops.length - 1; i >= 0; i--) {
		const hop = hops[i] as string;
		if (hop === UNKNOWN) break;
		if (!isTrusted(hop)) return hop;
	}
	return peer;
}

const UNKNOWN = 'unknown';

/** An address as proxies write it, perhaps with a port (RFC 7239 §6). */
const NODE = /^(?:([0-9.]+)|\[([0-9a-f:.]+)\])(?::[0-9]{1,5})?$/i;

function hopOf(text: string): string {
	const [, ipv4, ipv6] = NODE.exec(text) ?? [];
	const address = ipv4 ?? ipv6 ?? text;
	return isIP(address) === 0 || address.includes('%') ? UNKNOWN : plainAddress(address);
}

function lastWord(list: string): string {
	return list.slice(list.lastIndexOf(',') + 1).trim();
}

function checkedProto(proto: string | undefined): string | undefined {
	return proto !== undefined && /^(?:http|ws)s?$/i.test(proto) ? proto.toLowerCase() : undefined;
}

function checkedHost(host: string | undefined): string | undefined {
	return host !== undefined && host !== '' && routingHost(host) !== undefined ? host : undefined;
}

function forwardedFor(hop: string): string {
	return hop.includes(':') ? `for="[${hop}]"` : `for=${hop}`;
}

/** RFC 9110 §5.6.2 and §5.6.4; the values here hold no quote and no backslash. */
function tokenOrQuoted(value: string): string {
	return /^[A-Za-z0-9._-]+$/.test(value) ? value : `"${value}"`;
}
