import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostOf, staticTenants } from '../../bench/load/tenants.ts';
import { compile } from '../../bench/programs.ts';
import { House } from '../system/house.ts';

/** A house with one edge worker, so that all visits are its, whose tenants are the bench's static C server; and who is who in it. */
export class GuardedHouse {
	readonly house: House;
	readonly keeper: number;
	readonly launcher: number;
	readonly edge: number;
	readonly #folder: string;

	/** `open`: see HouseOptions; `config` is beside what the house needs. */
	static async start(
		tenants: number,
		options: { readonly open: boolean; readonly config?: Readonly<Record<string, unknown>> },
	): Promise<GuardedHouse> {
		const folder = await mkdtemp(join(tmpdir(), 'innkeeper-guard-'));
		try {
			const program = await compile('static', folder);
			const house = await House.start({
				open: options.open,
				config: { workers: 1, ...options.config },
				tenants: staticTenants(tenants, program),
			});
			return new GuardedHouse(house, folder);
		} catch (error) {
			await rm(folder, { recursive: true });
			throw error;
		}
	}

	private constructor(house: House, folder: string) {
		this.house = house;
		this.#folder = folder;
		this.keeper = house.pid;
		const children = house.processes().filter(({ parent }) => parent === house.pid);
		const pidOf = (main: RegExp): number => {
			const found = children.find(({ command }) => main.test(command));
			if (found === undefined)
				throw new Error(`${main} is none of\n${children.map(({ command }) => command).join('\n')}`);
			return found.pid;
		};
		this.launcher = pidOf(/launcher\/main\.ts/);
		this.edge = pidOf(/proxy\/main\.ts/);
	}

	/** The host of the nth tenant. */
	host(n: number): string {
		return hostOf(n);
	}

	/** Puts the nth tenant to sleep; resolves when it sleeps. */
	async stop(n: number): Promise<void> {
		await this.house.control({ verb: 'stop', tenant: `tenant-${n}` });
	}

	/** Ends all; rejects where the house does not end well. */
	async end(): Promise<void> {
		try {
			await this.house.stop();
		} finally {
			await this.house.discard();
			await rm(this.#folder, { recursive: true });
		}
	}
}
