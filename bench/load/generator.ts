import { execa } from 'execa';
import { readProcess } from '../../tests/system/processes.ts';
import { cpu, pinned } from '../method/pin.ts';
import { type Limit, limitOf } from '../method/saturation.ts';
import { cpuOf, type Peer } from '../peers/proxy.ts';

/** What a load generator left behind. */
export interface Loaded {
	readonly stdout: string;
	/** CPU time in ms of all processes of the peer meanwhile. */
	readonly used: number;
	readonly limit: Limit;
}

const LOOK_EVERY_MS = 100;
/** Beyond the seconds of the load: connecting, and the last answers. */
const PATIENCE_MS = 30_000;

/** Runs a load generator against the peer, on the CPU for loads. Rejects where it fails or takes much longer than these seconds. */
export async function generate(peer: Peer, command: readonly string[], seconds: number): Promise<Loaded> {
	const [program, ...words] = pinned(cpu.load, command);
	const proxyBefore = cpuOf(peer.name, peer.processes);
	const upstreamBefore = cpuOf('the upstream', [peer.upstream]);
	const began = performance.now();
	const running = execa(program, words, { timeout: seconds * 1000 + PATIENCE_MS, reject: false });
	// A process that has ended tells no CPU time any more: the last look before its end is taken for the whole.
	let limit: Limit = 'none';
	const look = setInterval(() => {
		const generator = running.pid === undefined ? undefined : readProcess(running.pid);
		if (generator === undefined || generator.dead) return;
		const elapsed = performance.now() - began;
		try {
			limit = limitOf({
				proxy: (cpuOf(peer.name, peer.processes) - proxyBefore) / elapsed,
				generator: generator.cpuMs / elapsed,
				upstream: (cpuOf('the upstream', [peer.upstream]) - upstreamBefore) / elapsed,
			});
		} catch {
			// Somebody died: told below.
		}
	}, LOOK_EVERY_MS);
	const { failed, stdout, stderr } = await running.finally(() => clearInterval(look));
	const used = cpuOf(peer.name, peer.processes) - proxyBefore;
	if (failed) throw new Error(`${command[0]} against ${peer.name} failed: ${`${stderr}\n${stdout}`.trim()}`);
	return { stdout, used, limit };
}
