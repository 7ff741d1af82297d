import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemErrorText } from '../../config/systemerror.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { dataFolder, type House, logFile } from '../house.ts';

/**
 * Whose the data and the logs of an id are. They belong to the tenant's name: a small record beside the data folder says which, so
 * that neither a restart nor a folder that is gone for a while makes it forgotten. Where another name has the id, they are set aside
 * under `state/aside`, for root alone (the server's user where it is not root), and nothing of them is handed on.
 */
export class Belongings {
	readonly #house: House;
	readonly #told: (line: string) => void;
	/** The names that the records have, as far as they were looked at. */
	readonly #names = new Map<number, string>();

	/** `told` gets a line where something was set aside. */
	constructor(house: House, told: (line: string) => void) {
		this.#house = house;
		this.#told = told;
	}

	/** False where what is there is another tenant's. */
	isOf(tenant: Tenant): boolean {
		const owner = this.#owner(tenant.id);
		return owner === undefined || owner === tenant.name;
	}

	/**
	 * Makes the tenant the owner, before its instance is made and when no other instance has the id. What another left is set aside
	 * first; what has no record counts as the tenant's. Gives true where it was another's. Throws what the system says where that
	 * cannot be set aside; a record that cannot be written (a full disk) costs no visitor anything: the next start tries again.
	 */
	claim(tenant: Tenant): boolean {
		const owner = this.#owner(tenant.id);
		if (owner === tenant.name) return false;
		if (owner !== undefined) this.#setAside(tenant, owner);
		this.#record(tenant);
		return owner !== undefined;
	}

	#record({ id, name }: Tenant): void {
		const file = this.#file(id);
		try {
			mkdirSync(dirname(file), { recursive: true, mode: 0o711 });
			writeFileSync(`${file}.new`, `${name}\n`, { mode: 0o600 });
			renameSync(`${file}.new`, file);
			this.#names.set(id, name);
		} catch (error) {
			this.#told(`innkeeper: whose the data of ${name} is cannot be recorded: ${systemErrorText(error as Error)}`);
		}
	}

	#file(id: number): string {
		return `${dataFolder(this.#house, id)}.owner`;
	}

	#owner(id: number): string | undefined {
		const known = this.#names.get(id);
		const file = this.#file(id);
		if (known !== undefined || !existsSync(file)) return known;
		const name = readFileSync(file, 'utf8').trim();
		this.#names.set(id, name);
		return name;
	}

	#setAside({ id, name }: Tenant, owner: string): void {
		const all = join(this.#house.state, 'aside');
		const date = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
		mkdirSync(all, { recursive: true, mode: 0o700 });
		const place = freeName(join(all, `${id}-${owner}-${date}`));
		mkdirSync(place, { mode: 0o700 });
		const data = dataFolder(this.#house, id);
		if (existsSync(data)) {
			renameSync(data, join(place, 'data'));
			// The next tenant of the id may have the same user.
			if (this.#house.root) chownSync(join(place, 'data'), 0, 0);
			chmodSync(join(place, 'data'), 0o700);
		}
		const log = logFile(this.#house, id);
		const logs = existsSync(dirname(log)) ? readdirSync(dirname(log)) : [];
		for (const file of logs.filter((one) => one === basename(log) || one.startsWith(`${basename(log)}.`))) {
			renameSync(join(dirname(log), file), join(place, file));
		}
		rmSync(this.#file(id), { force: true });
		this.#names.delete(id);
		this.#told(`innkeeper: ${name} has the id ${id} that ${owner} had; what ${owner} left is set aside in ${place}`);
	}
}

function freeName(wish: string): string {
	for (let number = 1; ; number++) {
		const name = number === 1 ? wish : `${wish}.${number}`;
		if (!existsSync(name)) return name;
	}
}
