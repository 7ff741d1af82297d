import type { Key } from './keys.ts';
import { defaultConfig, type TenantKeys } from './load.ts';
import { configKeys, configReference } from './reference.ts';
import type { Site } from './site.ts';

/** Every key of the config file with its default at this site and a comment, as a file to begin with. */
export function defaultsYaml(site: Site, tenantKeys: TenantKeys): string {
	const { state, run, control, sizes } = defaultConfig('/', site, tenantKeys);
	const here: Readonly<Record<string, string>> = {
		state,
		run,
		control,
		'sizes.queue': String(sizes.queue),
		defaults: '{}',
	};
	return [
		"# Innkeeper's config: every key with its default. Durations are 500ms, 10s, 5m, 1h, 1d; sizes 16K, 64M, 1G.",
		'# Paths are relative to this file. An example of each key: docs/config-file.md.',
		...configKeys().map((key) => lineOf(key, key.default ?? here[key.path])),
		'',
	].join('\n');
}

/** What has no default that could be written down stands as a comment. */
function lineOf({ path, kind }: Key, value: string | undefined): string {
	const names = path.split('.');
	const name = `${'  '.repeat(names.length - 1)}${names.at(-1)}:`;
	const { says = '', absent } = configReference[path] ?? {};
	if (kind === 'section') return `${name}  # ${says}`;
	if (kind === 'unbuilt') return name.replace(/\S/, `# $&`).concat(`  # ${says} Not built yet.`);
	if (value !== undefined) return `${name} ${value}  # ${says}`;
	return name.replace(/\S/, `# $&`).concat(`  # ${says} Default: ${absent}.`);
}
