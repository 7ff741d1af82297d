import { execa } from 'execa';

/** Milliseconds that this machine takes to start a Node just now. */
export async function nodeStart(): Promise<number> {
	const began = performance.now();
	await execa(process.execPath, ['-e', '0']);
	return performance.now() - began;
}

/** A `start.timeout` in which a Node that listens nowhere has run for a while, however slow this machine is just now. */
export async function longEnough(): Promise<string> {
	return `${Math.ceil(Math.max(1000, 15 * (await nodeStart())))}ms`;
}
