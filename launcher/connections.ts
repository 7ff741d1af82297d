import { readFile } from 'node:fs/promises';
import type { SocketAddress } from '../config/config.ts';

/** Visitors at one address. */
export interface Traffic {
	/** Connections that the program accepted and has not closed. */
	readonly open: number;
	/** Visitors in the queue of the listening socket. */
	readonly waiting: number;
}

/** The TCP connections of one moment, by their local address. */
export class TrafficTable {
	readonly #rows = new Map<string, Traffic>();

	/** `tables`: as proc_net_tcp(5) has them. */
	constructor(...tables: string[]) {
		for (const row of tables.flatMap((table) => table.split('\n').slice(1))) this.#take(row);
	}

	/** With a wildcard address (0.0.0.0 or ::) the visitors at that port of any address. */
	at({ address, port }: SocketAddress): Traffic {
		const digits = hexPort(port);
		if (address !== '0.0.0.0' && address !== '::') return this.#rows.get(`${hexAddress(address)}:${digits}`) ?? nobody;
		const length = hexAddress(address).length;
		const theirs = [...this.#rows].filter(([key]) => key.indexOf(':') === length && key.endsWith(`:${digits}`));
		return theirs.map(([, traffic]) => traffic).reduce(add, nobody);
	}

	#take(row: string): void {
		const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
		if (local === undefined || state === undefined || !LASTING.has(state)) return;
		// Who was not accepted yet has no inode; who was closed by the program and is still sent to, has lost it.
		const queued = inode === '0';
		if (queued && state !== ESTABLISHED && state !== CLOSE_WAIT) return;
		const traffic = queued ? { open: 0, waiting: 1 } : { open: 1, waiting: 0 };
		this.#rows.set(local, add(this.#rows.get(local) ?? nobody, traffic));
	}
}

/** The connections in the network namespace of the process `pid`. */
export async function readTraffic(pid: number): Promise<TrafficTable> {
	// A kernel without IPv6 has no second table.
	const tables = ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => ''));
	return new TrafficTable(...(await Promise.all(tables)));
}

const ESTABLISHED = '01';
const CLOSE_WAIT = '08';
/** The states in which something may still be said by either side: also where one has closed its half (FIN_WAIT1, FIN_WAIT2). */
const LASTING = new Set([ESTABLISHED, '04', '05', CLOSE_WAIT]);

const nobody: Traffic = { open: 0, waiting: 0 };

function add(one: Traffic, other: Traffic): Traffic {
	return { open: one.open + other.open, waiting: one.waiting + other.waiting };
}

function hexPort(port: number): string {
	return port.toString(16).toUpperCase().padStart(4, '0');
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
