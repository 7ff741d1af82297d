import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultLine } from '../../config/fault.ts';
import { Registry, type RegistryChange } from '../../tenants/registry.ts';

/** A registry of a new folder of tenants, and the changes that it notices, to be awaited one after the other. */
export class WatchedTenants {
	readonly above: string = realpathSync(mkdtempSync(join(tmpdir(), 'innkeeper-registry-')));
	readonly folder: string = join(this.above, 'tenants');
	readonly registry: Registry;
	readonly #changes: RegistryChange[] = [];
	#arrived: () => void = () => undefined;

	constructor() {
		mkdirSync(this.folder, { mode: 0o755 });
		this.registry = new Registry(
			{ folders: [this.folder], defaults: {}, reserved: [] },
			process.getuid?.() ?? 0,
			(change) => {
				this.#changes.push(change);
				this.#arrived();
			},
		);
	}

	path(...names: string[]): string {
		return join(this.folder, ...names);
	}

	/** Writes a tenant file in place. */
	write(name: string, text: string, file = 'tenant.yaml'): void {
		mkdirSync(this.path(name), { recursive: true, mode: 0o755 });
		writeFileSync(this.path(name, file), text, { mode: 0o644 });
	}

	/** Writes another file and renames it over the tenant file, as deployments and many editors do. */
	replace(name: string, text: string): void {
		this.write(name, text, '.tenant.yaml.tmp');
		renameSync(this.path(name, '.tenant.yaml.tmp'), this.path(name, 'tenant.yaml'));
	}

	/** The next change that was noticed and not yet taken, in short; waits for one. */
	async next(): Promise<Told> {
		if (this.#changes.length === 0) {
			await new Promise<void>((resolve) => {
				this.#arrived = resolve;
			});
		}
		return told(this.#changes.shift() as RegistryChange, this.above);
	}

	/** Changes noticed and not yet taken. */
	get pending(): number {
		return this.#changes.length;
	}

	discard(): void {
		this.registry.close();
		rmSync(this.above, { recursive: true });
	}
}

/** A change by names, and faults without the folder that the test made. */
export interface Told {
	readonly added?: string[];
	readonly changed?: string[];
	readonly removed?: string[];
	readonly keys?: string[];
	readonly faults?: string[];
}

export function told(change: RegistryChange, above: string): Told {
	const parts = {
		added: change.added.map(({ name }) => name).sort(),
		changed: change.changed.map(({ name }) => name).sort(),
		removed: change.removed.map(({ name }) => name).sort(),
		keys: [...change.keys].sort(),
		faults: change.faults.map((fault) => faultLine(fault).replaceAll(`${above}/`, '')),
	};
	return Object.fromEntries(Object.entries(parts).filter(([, part]) => part.length > 0));
}

/** A tenant file's text. */
export function yaml(id: number, name: string, more = ''): string {
	return `id: ${id}\nname: ${name}\nhosts: [${name}.test]\ncommand: [node, server.mjs]\n${more}`;
}
