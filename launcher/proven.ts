import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Tenant } from '../tenants/tenant.ts';

/**
 * The tenant files with which instances got ready, a copy of each under the server's state: what a rollback puts back, also after a
 * restart of the launcher or the house. They may hold secrets: none but the server's user reads them. A copy that cannot be written
 * costs nobody anything but the rollback.
 */
export class ProvenFiles {
	readonly #folder: string;
	readonly #read: (file: string, text: string) => Tenant | undefined;
	/** Whose copy is there. */
	readonly #noted = new Map<number, Tenant>();
	#work: Promise<void> = Promise.resolve();

	/** `read`: the tenant that a text would be as that file. */
	constructor(folder: string, read: (file: string, text: string) => Tenant | undefined) {
		this.#folder = folder;
		this.#read = read;
	}

	/** An instance of the tenant, as its file has it in force, got ready. */
	note(tenant: Tenant): void {
		if (this.#noted.get(tenant.id) === tenant) return;
		this.#noted.set(tenant.id, tenant);
		this.#work = this.#work.then(() => this.#keep(tenant));
	}

	/** The tenant is gone. */
	forget(id: number): void {
		this.#noted.delete(id);
		this.#work = this.#work.then(() => this.#drop(id));
	}

	/** The text of the tenant's file with which an instance of it was ready last; undefined where that is not known. */
	async textOf({ id, name, file }: Tenant): Promise<string | undefined> {
		await this.#work;
		const text = await readFile(this.#copy(id), 'utf8').catch(() => undefined);
		const was = text === undefined ? undefined : this.#read(file, text);
		return was?.id === id && was.name === name ? text : undefined;
	}

	async #keep(tenant: Tenant): Promise<void> {
		const copy = this.#copy(tenant.id);
		try {
			const text = await readFile(tenant.file, 'utf8');
			// It may have been changed since the instance was started.
			if (JSON.stringify(this.#read(tenant.file, text)) !== JSON.stringify(tenant)) throw new Error('another one');
			if ((await readFile(copy, 'utf8').catch(() => undefined)) === text) return;
			await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
			await writeFile(`${copy}.new`, text, { mode: 0o600 });
			await rename(`${copy}.new`, copy);
		} catch {
			if (this.#noted.get(tenant.id) === tenant) this.#noted.delete(tenant.id);
			await this.#drop(tenant.id);
		}
	}

	async #drop(id: number): Promise<void> {
		for (const file of [this.#copy(id), `${this.#copy(id)}.new`]) await rm(file, { force: true }).catch(() => {});
	}

	#copy(id: number): string {
		return `${this.#folder}/${id}.yaml`;
	}
}
