import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../config/fault.ts';
import { readSource } from '../config/source.ts';
import type { Trust } from '../config/trust.ts';
import type { Claimant, Conflict } from './claims.ts';
import { openTenant, readTenant } from './read.ts';
import type { Tenant } from './tenant.ts';

/** What makes a folder in a folder of tenants a tenant's. */
export const TENANT_FILE = 'tenant.yaml';

/** A tenant's folder, with what its file says and what of that is in force. */
export class TenantFolder implements Claimant {
	readonly folder: string;
	readonly file: string;
	inForce: Tenant | undefined;
	candidate: Tenant | undefined;
	/** Of the text that was read last. */
	#digest: string | undefined;
	/** Kept while a candidate may have to be told where its conflicts stand. */
	#text: string | undefined;
	/** What is wrong with the file itself, and what because of others. */
	#faults: readonly Fault[] = [];
	#conflicts: readonly Fault[] = [];

	constructor(folder: string) {
		this.folder = folder;
		this.file = join(folder, TENANT_FILE);
	}

	get faults(): readonly Fault[] {
		return [...this.#faults, ...this.#conflicts];
	}

	/** True where a change of that name in the folder may be one of the tenant file; a linked file may lead through any. */
	concerns(name: string): boolean {
		return name === TENANT_FILE || lstatSync(this.file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
	}

	/**
	 * Reads the file: what is good becomes the candidate, what is wrong leaves in force what was. `anew`: though the text is the
	 * same as the last time. Gives 'absent' where there is no such folder or file, else whether there was anything new.
	 */
	read(trust: Trust, defaults: Readonly<Record<string, unknown>>, anew: boolean): 'absent' | 'same' | 'new' {
		const source = readSource(this.file, trust);
		if ('fault' in source) {
			if (source.absent) return 'absent';
			this.#take(undefined, undefined, [source.fault]);
			return 'new';
		}
		const digest = hash('sha1', source.text, 'base64');
		if (digest === this.#digest && !anew) return 'same';
		const { tenant, faults } = readTenant(this.file, source.text, defaults);
		this.#take(tenant, source.text, faults);
		this.#digest = digest;
		return 'new';
	}

	/** The candidate is in force; nothing of it needs to be told any more. */
	settled(): void {
		this.#text = undefined;
		this.#conflicts = [];
	}

	/** There is no file any more, nor anything wrong with it. */
	forget(): void {
		this.#take(undefined, undefined, []);
	}

	/** What was in force before is to be so again, whatever the file says now. */
	recall(tenant: Tenant): void {
		this.candidate = tenant;
	}

	/** The candidate waits. */
	refused(conflicts: readonly Conflict[]): void {
		const document = openTenant(this.file, this.#text ?? '');
		this.#conflicts = conflicts.map(({ path, code, message }) => document.fault(path, { code, message }));
	}

	#take(tenant: Tenant | undefined, text: string | undefined, faults: readonly Fault[]): void {
		this.candidate = tenant;
		this.#text = tenant === undefined ? undefined : text;
		this.#faults = faults;
		this.#conflicts = [];
		this.#digest = undefined;
	}
}
