import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tenant } from '../tenants/tenant.ts';
import { edgeAddress } from './drivers/launch.ts';
import type { Prober } from './readiness.ts';

/** Between two attempts, in ms: short enough not to be noticed, long enough not to load what boots. */
const PAUSE = 20;

/** Asks from where the launcher is: in the hall, as the edges are, or (without one) on the host's loopback. */
export const loopbackProber: Prober = {
	async probe(tenant, signal) {
		while (!(await answers(tenant, signal))) await delay(PAUSE, undefined, { signal });
	},
};

async function answers(tenant: Tenant, signal: AbortSignal): Promise<boolean> {
	const { readiness, port } = tenant;
	const address = edgeAddress(tenant);
	if (typeof readiness !== 'object') return takesConnection(address, port, signal);
	// Loaded for the first who is asked: most houses have nobody to ask, and a launcher that was killed must be back soon.
	const { request } = await import('undici');
	try {
		const { statusCode, body } = await request(`http://${address}:${port}${readiness.http}`, { signal, reset: true });
		await body.dump();
		return statusCode >= 200 && statusCode < 400;
	} catch {
		signal.throwIfAborted();
		return false;
	}
}

function takesConnection(address: string, port: number, signal: AbortSignal): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: address, port, signal });
		const settle = (taken: boolean): void => {
			socket.destroy();
			if (signal.aborted) reject(signal.reason);
			else resolve(taken);
		};
		socket.once('connect', () => settle(true));
		socket.once('error', () => settle(false));
	});
}
