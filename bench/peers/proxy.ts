import { readProcess } from '../../tests/system/processes.ts';
import type { Tool } from './tool.ts';

/** The Host that every visitor asks for, whatever the proxy. */
export const visitedHost = 'bench.test';

/** A proxy under load: Innkeeper or one that it is compared with. */
export interface Peer {
	readonly name: string;
	readonly port: number;
	/** All its processes, whose CPU time counts: a master as well as its worker. None where visitors go straight to the upstream. */
	readonly processes: readonly number[];
	/** The process behind it (programs/upstream.c). */
	readonly upstream: number;
	/** Ends it. */
	end(): Promise<void>;
}

/** What a peer is started with. */
export interface Place {
	/** For its log and whatever else it writes; its own. */
	readonly folder: string;
	/** The server that all peers stand before, but Innkeeper: its upstream is a tenant, started from `program`. */
	readonly upstream: { readonly port: number; readonly pid: number };
	readonly program: string;
}

/** A peer that can be started. */
export interface PeerKind {
	readonly name: string;
	/** What it is made of; undefined where nothing needs to be installed. */
	readonly tool: Tool | undefined;
	/** Resolves once it takes connections, pinned to the proxy's CPU. Rejects with its own words where it does not. */
	start(place: Place): Promise<Peer>;
}

/** CPU time in ms that the processes have used so far, user and system together. Throws where one of them is gone. */
export function cpuOf(name: string, pids: readonly number[]): number {
	let sum = 0;
	for (const pid of pids) {
		const process = readProcess(pid);
		if (process === undefined || process.dead) throw new Error(`${name} died under load`);
		sum += process.cpuMs;
	}
	return sum;
}
