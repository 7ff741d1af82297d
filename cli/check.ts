import { readFileSync } from 'node:fs';
import { faultLine } from '../config/fault.ts';
import { openFiles } from '../config/openfiles.ts';
import { plainText } from '../launcher/protocol/plaintext.ts';
import { openHouse, readMounts, secretFaults } from '../tenants/border.ts';
import { Registry, registrySettings } from '../tenants/registry.ts';
import { roomNotices } from '../tenants/room.ts';
import { readConfigFile } from './configuration.ts';
import type { Context } from './context.ts';
import { usageFailure } from './failure.ts';
import type { Call } from './parse.ts';

/** `innkeeper check --config FILE`: every fault of the config and of all tenant files, a line each; 1 where there is any. */
export async function run(call: Call, context: Context): Promise<number> {
	if (call.config === undefined) throw usageFailure('check needs --config FILE', 'check');
	const { config, faults } = readConfigFile(call.config, context);
	const found = [...faults];
	if (config !== undefined) {
		const registry = new Registry(registrySettings(config), context.user.uid);
		await registry.reload();
		found.push(...registry.faults());
		found.push(...roomNotices(config, registry.tenants(), openFiles(readFileSync('/proc/self/limits', 'utf8'))));
		const server = { root: context.user.uid === 0, ...context.user };
		found.push(...secretFaults(config, registry.tenants(), server));
		const open = openHouse(registry.tenants(), server, readMounts());
		if (open !== undefined) context.err.write(`${open}\n`);
		const count = [...registry.tenants()].length;
		context.err.write(`${count} ${count === 1 ? 'tenant' : 'tenants'} in force\n`);
	}
	for (const fault of found) context.out.write(`${plainText(faultLine(fault))}\n`);
	return found.some(({ severity }) => severity === 'fault') ? 1 : 0;
}
