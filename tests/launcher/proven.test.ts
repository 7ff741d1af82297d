import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProvenFiles } from '../../launcher/proven.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { makeTenant } from './lodging-house.ts';

let folder: string;
let state: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'innkeeper-proven-'));
	[state, file] = [join(folder, 'proven'), join(folder, 'tenant.yaml')];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A text is the name of its tenant here. */
const tenantOf = (text: string): Tenant => makeTenant(101, { name: text, file });
const opened = (): ProvenFiles => new ProvenFiles(state, (_file, text) => tenantOf(text));

test('the file with which an instance got ready is known, also to the next launcher, and to nobody else', async () => {
	writeFileSync(file, 'good');
	const proven = opened();
	proven.note(tenantOf('good'));
	writeFileSync(file, 'good');
	expect(await proven.textOf(tenantOf('good'))).toBe('good');
	expect(await opened().textOf(tenantOf('good'))).toBe('good');
	expect(statSync(state).mode & 0o777).toBe(0o700);
	for (const copy of readdirSync(state)) expect(statSync(join(state, copy)).mode & 0o777).toBe(0o600);
});

test('another tenant that has the id by now is told nothing of it', async () => {
	writeFileSync(file, 'good');
	const proven = opened();
	proven.note(tenantOf('good'));
	expect(await proven.textOf(tenantOf('heir'))).toBeUndefined();
});

test('a file that was changed since the instance was started is not known: what was before is no answer', async () => {
	writeFileSync(file, 'good');
	const proven = opened();
	proven.note(tenantOf('good'));
	await proven.textOf(tenantOf('good'));
	writeFileSync(file, 'later');
	proven.note(makeTenant(101, { name: 'good', file, port: 9 }));
	expect(await proven.textOf(tenantOf('good'))).toBeUndefined();
});

test('a tenant that is gone is forgotten', async () => {
	writeFileSync(file, 'good');
	const proven = opened();
	proven.note(tenantOf('good'));
	proven.forget(101);
	expect(await proven.textOf(tenantOf('good'))).toBeUndefined();
	expect(readdirSync(state)).toEqual([]);
});

test('a copy that cannot be written is not known, and tried again with the next one that is ready', async () => {
	writeFileSync(file, 'good');
	writeFileSync(state, 'no folder');
	const proven = opened();
	const tenant = tenantOf('good');
	proven.note(tenant);
	expect(await proven.textOf(tenant)).toBeUndefined();
	rmSync(state);
	mkdirSync(state);
	proven.note(tenant);
	expect(await proven.textOf(tenant)).toBe('good');
});
