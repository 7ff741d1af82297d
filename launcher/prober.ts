import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tenant } from '../tenants/tenant.ts';
import type { Driver } from './driver.ts';
import { edgeAddress } from './drivers/launch.ts';
import type { House } from './house.ts';
import type { Prober } from './readiness.ts';

/** Before the second attempt, in ms: short enough not to be noticed. */
const FIRST_PAUSE = 20;
/** Between two commands, in ms: they cost what a program's start costs, and must not slow down what boots. */
const LONGEST_PAUSE = 500;
/** One command may take so long, in ms: a program that hangs while the server boots would else be asked no more. */
const COMMAND_LIMIT = 10_000;

/** Asks from where the launcher is, in the hall or on the host's loopback; by a command, from within the VPS. */
export function proberBy(driver: Pick<Driver, 'run'>, house: House): Prober {
	return {
		async probe(tenant, instance, signal) {
			let pause = FIRST_PAUSE;
			while (!(await answers(driver, house, tenant, instance, signal))) {
				await delay(pause, undefined, { signal });
				if (commandOf(tenant) !== undefined) pause = Math.min(LONGEST_PAUSE, pause * 1.5);
			}
		},
	};
}

async function answers(
	driver: Pick<Driver, 'run'>,
	house: House,
	tenant: Tenant,
	instance: number,
	signal: AbortSignal,
): Promise<boolean> {
	const command = commandOf(tenant);
	if (command !== undefined) {
		const status = await driver.run(tenant, instance, command, COMMAND_LIMIT).catch(() => undefined);
		signal.throwIfAborted();
		return status === 'exit:0';
	}
	const { readiness, port } = tenant;
	const address = edgeAddress(tenant, house);
	if (typeof readiness !== 'object' || !('http' in readiness)) return takesConnection(address, port, signal);
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

/** What is run in the VPS to find out; undefined where it is asked over the network. */
function commandOf({ readiness, addresses }: Tenant): readonly [string, ...string[]] | undefined {
	if (typeof readiness !== 'object') return undefined;
	if ('command' in readiness) return readiness.command;
	const own = addresses.find(({ kind }) => kind === 'tcp');
	if (!('tcp' in readiness) || own === undefined) return undefined;
	return ['node', '-e', hearBanner, wildcards[own.address] ?? own.address, String(own.port)];
}

/** What answers at a wildcard, answers here. */
const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Ends well once the server says anything, and asks again as often as it is hung up on before. */
const hearBanner = `
const [, address, port] = require('node:process').argv;
const ask = () => {
	const call = require('node:net').connect(port, address);
	call.once('data', () => process.exit(0));
	call.once('error', () => {});
	call.once('close', () => setTimeout(ask, ${FIRST_PAUSE}));
};
ask();
`;

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
