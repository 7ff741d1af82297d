import { defaultConfig } from '../../config/load.ts';
import { takeIn } from '../../launcher/newconfig.ts';
import { tenantKeys } from '../../tenants/schema.ts';
import { site } from '../config/site.ts';

const config = defaultConfig('/etc/innkeeper', site, tenantKeys);

test('what only a new start takes in stays as it was, and is named; all else is as the file says', () => {
	const now = { ...config, state: '/elsewhere', workers: 7, health: '/well', debugHeaders: true };
	const { config: taken, later } = takeIn(config, now);
	expect(taken).toEqual({ ...config, health: '/well', debugHeaders: true });
	expect(later).toEqual([
		'/etc/innkeeper/innkeeper.yaml: workers: changed, but taken in by a new start only',
		'/etc/innkeeper/innkeeper.yaml: state: changed, but taken in by a new start only',
	]);
	expect(takeIn(config, config).later).toEqual([]);
});
