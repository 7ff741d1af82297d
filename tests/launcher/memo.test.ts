import { defaultConfig } from '../../config/load.ts';
import { configMemo, readConfigMemo, readTenantMemo, tenantMemo } from '../../launcher/memo.ts';
import { tenantKeys } from '../../tenants/schema.ts';
import { site } from '../config/site.ts';
import { made } from '../tenants/made.ts';

test('a config and a tenant come back as they were', () => {
	const config = defaultConfig('/etc/innkeeper', site, tenantKeys);
	expect(readConfigMemo(configMemo(config) ?? '')).toEqual(config);
	const remembered = { tenant: made(101), listing: '1:2' };
	expect(readTenantMemo(tenantMemo(remembered) ?? '')).toEqual(remembered);
});

test('nothing, and a memo of another version, is none; what is too large is not remembered', () => {
	expect(readConfigMemo('')).toBeUndefined();
	expect(readTenantMemo('{"version":0,"remembered":{}}')).toBeUndefined();
	expect(tenantMemo(undefined)).toBeUndefined();
	const tenant = { ...made(101), env: { LARGE: 'x'.repeat(200_000) } };
	expect(tenantMemo({ tenant, listing: undefined })).toBeUndefined();
});
