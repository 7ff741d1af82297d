import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { faultLine } from '../config/fault.ts';
import { type ReadConfig, readConfig } from '../config/load.ts';
import { plainText } from '../launcher/protocol/plaintext.ts';
import { tenantKeys } from '../tenants/schema.ts';
import type { Context } from './context.ts';
import { Failure } from './failure.ts';
import { siteOf } from './site.ts';

/** The config in a file, and all that is to be said about it. */
export function readConfigFile(file: string, context: Context): ReadConfig {
	return readConfig(resolve(file), siteOf(context), tenantKeys);
}

/** The config in a file; notices go to stderr. Throws a Failure with every fault on a line of its own. */
export function loadConfig(file: string, context: Context): Config {
	const { config, faults } = readConfigFile(file, context);
	if (config === undefined) throw new Failure(`${file} is refused:`, faults.map(faultLine));
	for (const notice of faults) context.err.write(`${plainText(faultLine(notice))}\n`);
	return config;
}
