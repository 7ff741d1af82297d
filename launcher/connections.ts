import { readFile } from 'node:fs/promises';

/**
 * True while somebody has an established TCP connection to that local address (proc_net_tcp(5)); IPv4 or IPv6 in text form. `pid`:
 * a process in the network namespace that is meant.
 */
export async function hasConnections(pid: number, address: string, port: number): Promise<boolean> {
	const local = `${hexAddress(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
	const table = await readFile(`/proc/${pid}/net/${address.includes(':') ? 'tcp6' : 'tcp'}`, 'utf8');
	return table.split('\n').some((row) => {
		const [, here, , state] = row.trim().split(/\s+/);
		return here === local && state === '01';
	});
}

/** The kernel prints each 32-bit word of an address in the host's byte order (little-endian here). */
export function hexAddress(address: string): string {
	const bytes = address.includes(':') ? ipv6Bytes(address) : address.split('.').map(Number);
	let text = '';
	for (let word = 0; word < bytes.length; word += 4) {
		for (const byte of bytes.slice(word, word + 4).reverse()) text += byte.toString(16).toUpperCase().padStart(2, '0');
	}
	return text;
}

function ipv6Bytes(address: string): number[] {
	const [head = '', tail] = address.split('::');
	const words = (part: string): number[] =>
		part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
	const front = words(head);
	const back = tail === undefined ? [] : words(tail);
	const zeros = new Array<number>(8 - front.length - back.length).fill(0);
	return [...front, ...zeros, ...back].flatMap((word) => [word >> 8, word & 255]);
}
