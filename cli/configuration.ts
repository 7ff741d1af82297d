import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { faultLine } from '../config/fault.ts';
import { readConfig } from '../config/load.ts';
import { tenantKeys } from '../tenants/schema.ts';
import type { Context } from './context.ts';
import { Failure } from './failure.ts';
import { siteOf } from './site.ts';

/** The config in a file; notices go to stderr. Throws a Failure with every fault on a line of its own. */
export function loadConfig(file: string, context: Context): Config {
	const { config, faults } = readConfig(resolve(file), siteOf(context), tenantKeys);
	if (config === undefined) throw new Failure(`${file} is refused:`, faults.map(faultLine));
	for (const notice of faults) context.err.write(`${faultLine(notice)}\n`);
	return config;
}
