import { defaultsYaml } from '../config/defaults.ts';
import { tenantKeys } from '../tenants/schema.ts';
import type { Context } from './context.ts';
import { usageFailure } from './failure.ts';
import type { Call } from './parse.ts';
import { siteOf } from './site.ts';

/** `innkeeper config --defaults`: every key of the config file with its default for this user, as YAML. */
export async function run(call: Call, context: Context): Promise<number> {
	if (!call.defaults) throw usageFailure('config needs --defaults', 'config');
	context.out.write(defaultsYaml(siteOf(context), tenantKeys));
	return 0;
}
