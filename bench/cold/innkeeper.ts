import { freePort } from '../../tests/system/freeport.ts';
import { House, type TenantFiles } from '../../tests/system/house.ts';
import type { WakerKind } from '../peers/wakers/waker.ts';
import { bareEnvironment, type ColdServer } from './server.ts';

/** In the order of the figures; `adopt` is what a tenant file says by default. */
export const activations = ['adopt', 'listen-fds', 'port'] as const;
export type Activation = (typeof activations)[number];

/** One house in which every server sleeps, once for each activation. */
export class ColdHouse {
	readonly house: House;

	/** `open`: see House. Rejects with the server's own words. */
	static async start(servers: readonly ColdServer[], open: boolean): Promise<ColdHouse> {
		const tenants: Record<string, TenantFiles> = {};
		let id = 101;
		for (const server of servers) {
			for (const activation of activations.filter((one) => canServe(server, one))) {
				const port = await freePort();
				const [program, ...words] = server.command(port);
				const name = nameOf(server, activation);
				tenants[name] = {
					yaml: {
						...{ id: id++, name, hosts: [hostOf(server, activation)], port, activation, cwd: server.folder },
						// By its name it is the Node that the house runs on, wherever that is.
						command: [program === process.execPath ? 'node' : program, ...words],
						env: { NODE_ENV: bareEnvironment.NODE_ENV },
					},
				};
			}
		}
		return new ColdHouse(await House.start({ open, tenants }));
	}

	private constructor(house: House) {
		this.house = house;
	}

	/** Innkeeper as one of the wakers, to be started any number of times; it is the house's end that ends it. */
	waker(activation: Activation): WakerKind {
		return {
			name: subjectOf(activation),
			tools: [],
			serves: (server) => canServe(server, activation),
			start: async (server) => {
				const tenant = nameOf(server, activation);
				const { activation: used } = (await this.house.control({ verb: 'status', tenant })) as { activation: string };
				return {
					port: this.house.port,
					host: hostOf(server, activation),
					...(used === activation ? {} : { note: `carried out by ${used} in this house` }),
					rest: async () => void (await this.house.control({ verb: 'stop', tenant })),
					isAsleep: () => true,
					end: async () => {},
				};
			},
		};
	}

	async end(): Promise<void> {
		try {
			await this.house.stop();
		} finally {
			await this.house.discard();
		}
	}
}

/** `innkeeper, adopt`. */
export function subjectOf(activation: Activation): string {
	return `innkeeper, ${activation}`;
}

/** False for listen-fds where the server takes no inherited socket. */
export function canServe({ inherits }: ColdServer, activation: Activation): boolean {
	return inherits || activation !== 'listen-fds';
}

function nameOf({ slug }: ColdServer, activation: Activation): string {
	return `${slug}-${activation}`;
}

function hostOf(server: ColdServer, activation: Activation): string {
	return `${nameOf(server, activation)}.test`;
}
