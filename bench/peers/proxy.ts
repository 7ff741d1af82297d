import { readProcess } from '../../tests/system/processes.ts';

/** A proxy under load: Innkeeper's edge or one that it is compared with. */
export interface Peer {
	readonly name: string;
	readonly port: number;
	/** The one process that moves the bytes; its CPU time is what counts. */
	readonly worker: number;
	/** Ends it. */
	end(): Promise<void>;
}

/** CPU time in ms that the peer's worker has used so far, user and system. Throws where it is gone. */
export function cpuOf(peer: Peer): number {
	const worker = readProcess(peer.worker);
	if (worker === undefined || worker.dead) throw new Error(`${peer.name} died under load`);
	return worker.cpuMs;
}
