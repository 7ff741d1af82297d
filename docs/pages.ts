import { keysOf } from '../config/keys.ts';
import { configKeys, configReference } from '../config/reference.ts';
import { tenantReference } from '../tenants/reference.ts';
import { tenantSchema } from '../tenants/schema.ts';
import { referencePage } from './page.ts';

/** The pages that are made of the schemas, by their names in docs/. */
export const pages: Readonly<Record<string, string>> = {
	'tenant-file.md': referencePage(
		{
			title: 'The tenant file',
			lines: [
				"`TENANT/tenant.yaml` in one of the folders that the config's [tenants](config-file.md#tenants) names: YAML, of which JSON is a part. It counts only where\nnobody but root and the server's user may write it and the folders above it.",
				"What a file leaves out, the config's [defaults](config-file.md#defaults) say, and then the defaults below. A changed file is taken in while the server runs, or\nrefused by line and key; `innkeeper check --config FILE` tells before.",
			],
		},
		keysOf(tenantSchema),
		tenantReference,
	),
	'config-file.md': referencePage(
		{
			title: 'The config file',
			lines: [
				'What `innkeeper serve --config FILE` reads: YAML, of which JSON is a part. Paths are relative to the file. `innkeeper config --defaults` prints every key with its\ndefault for this user, as a file to begin with; `innkeeper check --config FILE` tells what is wrong in one.',
			],
		},
		configKeys(),
		configReference,
	),
};
