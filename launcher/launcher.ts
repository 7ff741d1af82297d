import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { type Fault, faultLine } from '../config/fault.ts';
import type { ReadConfig } from '../config/load.ts';
import { type Registry, type RegistryChange, registrySettings } from '../tenants/registry.ts';
import { roomNotices, runningWithRoom } from '../tenants/room.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { openAccessLog } from './accesslog.ts';
import { Addresses } from './addresses.ts';
import { announcementLine } from './announcer.ts';
import { changeLines } from './changes.ts';
import type { Clock } from './clock.ts';
import { Control } from './control.ts';
import { Belongings } from './drivers/belongings.ts';
import { type HeldSocket, hallName } from './drivers/launch.ts';
import { ProcessDriver } from './drivers/process.ts';
import { edgeProgram } from './edgeprogram.ts';
import { type EdgeRequests, Edges } from './edges.ts';
import { EdgeWorkers, isEdgeWorker } from './edgeworkers.ts';
import { Hearing } from './hearing.ts';
import { type House, provenFolder } from './house.ts';
import type { Found } from './keeper/found.ts';
import type { Message } from './keeper/frames.ts';
import type { Keeper } from './keeper/keeper.ts';
import { Lodging } from './lodging.ts';
import { configMemo, tenantMemo } from './memo.ts';
import { takeIn } from './newconfig.ts';
import { proberBy } from './prober.ts';
import type { Lease, TenantState, TenantView } from './protocol/edge.ts';
import { ProvenFiles } from './proven.ts';
import type { FileNow } from './restarting.ts';
import { edgeSettings, tenantView } from './settings.ts';
import type { TenantsHere } from './tenants.ts';
import { type Reloaded, verbs } from './verbs.ts';
import { urlsToTry } from './welcome.ts';

export interface LauncherOptions {
	readonly house: House;
	readonly keeper: Keeper;
	readonly clock: Clock;
	readonly node: string;
	readonly config: Config;
	readonly registry: Registry;
	/** The registry's tenants as this machine serves them. */
	readonly tenants: TenantsHere;
	/** How many files a process of the house may open. */
	readonly files: number;
	/** Reads the config file again. */
	readonly readConfig: () => ReadConfig;
	/** A line for people, who see when it was said. */
	readonly print: (line: string) => void;
	/** A line as it is, for programs to wait for. */
	readonly proclaim: (line: string) => void;
}

/** How long the edge workers may take to be there before the house opens all the same, in ms. */
const EDGES_WITHIN = 10_000;
/** How long open requests may go on when the house closes, in ms; a tenant's own stop.drain may end them sooner. */
const DRAIN = 60_000;

/** The launcher: joins the keeper's events, the edges' questions and the operators' verbs to the lodging of the tenants. */
export class Launcher {
	readonly #options: LauncherOptions;
	readonly #belongings: Belongings;
	readonly #driver: ProcessDriver;
	readonly #lodging: Lodging;
	readonly #proven: ProvenFiles;
	readonly #edges: Edges;
	readonly #edgeWorkers: EdgeWorkers;
	readonly #addresses: Addresses;
	readonly #hearing: Hearing;
	readonly #control: Control;
	#config: Config;
	#lastInstance = 0;
	/** Tenants that may run at the same time. */
	#running = 1;
	#workersSeen = 0;
	#onWorker = (): void => {};
	#closing = false;

	constructor(options: LauncherOptions) {
		this.#options = options;
		this.#config = options.config;
		const { keeper, house, clock, tenants, registry, print } = options;
		const nextInstance = (): number => ++this.#lastInstance;
		this.#addresses = new Addresses(keeper, clock, print, (id) => this.#lodging.addressOpened(id));
		this.#belongings = new Belongings(house, print);
		const memoOf = (id: number): string | undefined => tenantMemo(options.registry.remembered(id));
		this.#driver = new ProcessDriver(keeper, house, (name) => this.#addresses.isOpen(name), this.#belongings, memoOf);
		this.#edges = new Edges(this, () => edgeSettings(this.#config, options.files), print);
		this.#proven = new ProvenFiles(provenFolder(house), (file, text) => registry.read(file, text));
		this.#lodging = new Lodging({
			clock,
			driver: this.#driver,
			prober: proberBy(this.#driver, options.house),
			edges: this.#edges,
			find: (id) => tenants.byId(id),
			nextInstance,
			caps: () => ({ ...this.#config.starts, running: this.#running, waiting: this.#config.sizes.queue }),
			announce: (announcement) => {
				print(announcementLine(announcement));
				if (announcement.type === 'woken') this.#prove(announcement.tenant.id);
			},
		});
		this.#hearing = new Hearing(keeper, clock, (id, instance) => this.#lodging.onEvent(id, { type: 'deaf', instance }));
		this.#edgeWorkers = new EdgeWorkers({
			keeper,
			clock,
			nextInstance,
			gone: (worker) => this.#lodging.workerGone(worker),
			print,
		});
		this.#control = new Control(
			print,
			verbs({
				house,
				keeper,
				belongings: this.#belongings,
				lodging: this.#lodging,
				tenants,
				deafOf: (tenant) => this.#addresses.deafOf(tenant),
				proven: this.#proven,
				print,
				look: (tenant) => this.#look(tenant),
				connections: () => this.#edges.count(),
				reload: () => this.reload(),
			}),
		);
	}

	/** Takes over what lives, opens every listener, and says that the house is ready. Rejects where a listener cannot be opened. */
	async open(found: Found): Promise<void> {
		const { tenants, print, proclaim } = this.#options;
		this.#remember();
		this.#makeRoom();
		await this.#takeOver(found);
		for (const address of this.#config.listen.http) {
			await this.#listen(address).catch((error: Error) => {
				// A house that is open stays open: its config may have changed since.
				if (!found.restarted) throw error;
				print(`innkeeper: ${error.message}`);
			});
		}
		for (const tenant of tenants.all()) await this.#addresses.follow(tenant.id, tenant);
		const { workers, run } = this.#config;
		await this.#openLog(this.#config);
		const { node, house } = this.#options;
		this.#edges.listen({ fd: 4 });
		const there = new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, EDGES_WITHIN);
			this.#onWorker = () => {
				if (this.#workersSeen < workers) return;
				clearTimeout(timer);
				resolve();
			};
		});
		await this.#edgeWorkers.open(edgeProgram({ node, run, hidden: house.root }), !found.restarted);
		await there;
		this.#control.listen({ fd: 5 });
		for (const tenant of tenants.all()) this.#lodging.apply(tenant);
		if (found.restarted) {
			print('innkeeper: the launcher was started again');
			return;
		}
		proclaim('innkeeper: ready');
		const reached = (tenant: Tenant): boolean => this.#addresses.deafOf(tenant).length === 0;
		for (const url of urlsToTry(tenants.all(), this.#config.listen.http, reached)) proclaim(`  try ${url}`);
	}

	/** What the keeper tells once it has answered hello. */
	onKeeperEvent(event: Message): void {
		const id = Number(event.find('id'));
		const instance = Number(event.find('instance'));
		if (isEdgeWorker(id)) {
			this.#edgeWorkers.onKeeperEvent(event);
			return;
		}
		switch (event.verb) {
			case 'knock':
				this.#lodging.knock(id, event.text('name'));
				break;
			case 'listening':
				this.#lodging.onEvent(id, { type: 'listening', instance, socket: event.text('name') });
				break;
			case 'elsewhere': {
				const call = event.text('call') === 'bind' ? 'bind' : 'listen';
				this.#lodging.onEvent(id, { type: 'elsewhere', instance, call, port: event.number('port') });
				break;
			}
			case 'notify':
				this.#lodging.onEvent(id, { type: 'notify', instance, text: event.text('text') });
				break;
			case 'exit':
				this.#lodging.onEvent(id, { type: 'exit', instance, status: event.text('status') });
				break;
			case 'ran':
				this.#driver.errandEnded(instance, event.text('status'));
				break;
			case 'empty':
				this.#driver.errandEnded(instance, 'signal:9');
				this.#lodging.onEvent(id, { type: 'empty', instance });
				break;
			case 'stop':
				void this.close();
				break;
			case 'reload':
				void this.reload();
				break;
		}
	}

	/** Tenant files were added, changed or removed, or something is wrong with them. Resolves once all of it holds. */
	async takeChange(change: RegistryChange): Promise<void> {
		const { added, changed, removed, keys, faults } = change;
		for (const line of [...faults.map(faultLine), ...changeLines(change)]) this.#options.print(line);
		for (const { id } of removed) {
			void this.#addresses.follow(id, undefined);
			this.#proven.forget(id);
			// Its file may be back by then, and the next instance on that very socket.
			void this.#lodging.remove(id).then(() => {
				if (this.#options.tenants.byId(id) === undefined) this.#driver.forget(id);
			});
		}
		const applied = [...changed, ...added].map(({ id }) => {
			const tenant = this.#options.tenants.byId(id);
			if (tenant === undefined) return undefined;
			// At once, before the edge is told to forget whose the routes were.
			this.#lodging.takeTurn(tenant);
			this.#rememberTenant(id);
			return this.#addresses.follow(id, tenant).then(() => this.#lodging.apply(tenant));
		});
		this.#edges.forget(keys);
		await Promise.all(applied);
	}

	/**
	 * Reads config and tenant files again, and opens the access log anew. What is wrong is printed and given back, and the old stays in
	 * force.
	 */
	async reload(): Promise<Reloaded> {
		const { readConfig, registry, print } = this.#options;
		const { config, faults } = readConfig();
		for (const fault of faults) print(faultLine(fault));
		const failed = await this.#openLog(config ?? this.#config);
		const later = config === undefined ? [] : this.#apply(config);
		void this.takeChange(await registry.reload(registrySettings(this.#config)));
		this.#makeRoom();
		await this.#addresses.retry();
		const isWrong = ({ severity }: Fault): boolean => severity === 'fault';
		const wrong = [...failed, ...[...faults, ...registry.faults()].filter(isWrong).map(faultLine)];
		print(wrong.length === 0 ? 'innkeeper: reloaded' : 'innkeeper: reloaded what is good');
		return { wrong, later };
	}

	/** Drains, stops everything, and tells the keeper that the house may end. */
	async close(): Promise<void> {
		if (this.#closing) return;
		this.#closing = true;
		this.#options.print('innkeeper: closing; a second signal ends at once');
		this.#options.registry.close();
		this.#edgeWorkers.close();
		this.#edges.drain(DRAIN);
		// The workers answer whoever came before the keeper closed the public sockets, and then end by themselves.
		await Promise.all([this.#lodging.close(), this.#edgeWorkers.ended()]);
		this.#control.close();
		this.#edges.close();
		await this.#options.keeper.request('end', { status: 0 });
	}

	isWorker(worker: number): boolean {
		return this.#edgeWorkers.knows(worker);
	}

	hello(worker: number, leases: readonly Lease[]): void {
		this.#lodging.hello(worker, leases);
		this.#workersSeen++;
		this.#onWorker();
	}

	left(worker: number): void {
		// It may have leases as long as it lives: it comes back and says so, or the keeper tells of its death.
		if ([...this.#edgeWorkers.alive()].includes(worker)) this.#lodging.awaitWorkers([worker]);
	}

	resolve(key: string): TenantView | null {
		const tenant = this.#options.tenants.byRoute(key);
		return tenant === undefined ? null : tenantView(tenant, this.#config, this.#options.house);
	}

	state(id: number): TenantState | null {
		const tenant = this.#options.tenants.byId(id);
		if (tenant === undefined) return null;
		const { state, since } = this.#lodging.facts(tenant);
		return { name: tenant.name, state, since: new Date(since).toISOString() };
	}

	acquire: EdgeRequests['acquire'] = (worker, { id, name }, visitor, answer) => {
		// A launcher that was not there when the id changed its tenant had nobody's visitors to send away.
		if (this.#options.tenants.byId(id)?.name === name) this.#lodging.acquire(worker, id, visitor, answer);
		else answer({ granted: false, reason: 'unknown', retryAfter: 1 });
	};

	port(id: number, instance: number): number {
		return this.#lodging.live(id, instance)?.port ?? 0;
	}

	release(worker: number, lease: Lease, idle: number): void {
		this.#lodging.release(worker, lease, idle);
	}

	/** A leased instance whose socket refuses connections: something in it spoiled the socket. */
	refused(lease: Lease): void {
		const name = this.#socketOf(lease);
		if (name !== undefined) this.#options.keeper.send('mend', { name });
	}

	/** A leased instance that does not answer on a new connection: busy, or deaf. */
	silent(lease: Lease): void {
		const name = this.#socketOf(lease);
		if (name !== undefined) this.#hearing.look(lease.id, lease.instance, name);
	}

	#socketOf({ id, instance }: Lease): string | undefined {
		const live = this.#lodging.live(id, instance);
		return live && hallName(live.tenant, live.place);
	}

	/** Takes one tenant's file in as it is now; undefined where there is none any more. */
	async #look({ id, file, folder }: Tenant): Promise<FileNow | undefined> {
		const { registry, tenants } = this.#options;
		const text = await readFile(file, 'utf8').catch(() => '');
		await this.takeChange(await registry.look(folder));
		const tenant = tenants.byId(id);
		if (tenant === undefined) return undefined;
		const wrong = registry.faults().filter((fault) => fault.file === file && fault.severity === 'fault');
		return { tenant, text, wrong: wrong.map(faultLine) };
	}

	/** An instance got ready: the file is good that it was started from, where that is the one in force. */
	#prove(id: number): void {
		const { registry, tenants } = this.#options;
		const inForce = registry.tenant(id);
		if (inForce !== undefined && tenants.byId(id) === this.#lodging.serving(id)) this.#proven.note(inForce);
	}

	#makeRoom(): void {
		const { tenants, files, print } = this.#options;
		this.#running = runningWithRoom(this.#config, tenants.all(), files);
		for (const notice of roomNotices(this.#config, tenants.all(), files)) print(faultLine(notice));
	}

	async #takeOver(found: Found): Promise<void> {
		const { keeper, print } = this.#options;
		this.#lastInstance = found.lastInstance;
		this.#edgeWorkers.adopt(found.workers, this.#config.workers);
		this.#lodging.awaitWorkers(this.#edgeWorkers.alive());
		for (const socket of found.sockets) this.#takeSocket(socket.id, socket);
		for (const { id, ...instance } of [...found.instances].sort((one, other) => one.instance - other.instance)) {
			const tenant = this.#options.tenants.byId(id);
			if (tenant === undefined) {
				print(`innkeeper: instance ${instance.instance} is ended: no tenant has its VPS id ${id} any more`);
				keeper.send('kill', { id, instance: instance.instance });
			} else if (this.#belongings.isOf(tenant)) this.#lodging.adopt(tenant, instance);
			else this.#lodging.adoptForeign(tenant, instance);
		}
		await this.#addresses.closeStrays(this.#options.tenants.all());
	}

	#takeSocket(id: number, socket: HeldSocket): void {
		if (socket.at === 'hall') this.#driver.adoptHall(socket.name, socket.port);
		else if (id !== 0) this.#addresses.adopt(id, socket);
	}

	async #listen({ address, port }: { address: string; port: number }): Promise<void> {
		const name = `edge/${address}:${port}`;
		await this.#options.keeper
			.request('open', { name, id: 0, at: 'host', address, port, to: 'edges' })
			.catch((error: Error) => {
				throw new Error(`cannot listen on ${address}:${port}: ${error.message}`, { cause: error });
			});
	}

	/** Has the access log opened anew, as that config says. Where it cannot be, that is printed and given back, and it stays as it was. */
	async #openLog({ file, accessLog }: Config): Promise<string[]> {
		try {
			const trouble = await openAccessLog(this.#options.keeper, accessLog);
			this.#config = { ...this.#config, accessLog };
			this.#remember();
			return trouble === undefined ? [] : [`${file}: accessLog: ${trouble}`];
		} catch (error) {
			const line = `${file}: accessLog: ${(error as Error).message}`;
			this.#options.print(line);
			return [line];
		}
	}

	/** Takes effect at once, but for what only a new start can change, which is printed and given back. */
	#apply(config: Config): readonly string[] {
		const taken = takeIn(this.#config, config);
		for (const line of taken.later) this.#options.print(line);
		this.#config = { ...taken.config, accessLog: this.#config.accessLog };
		this.#remember();
		this.#edges.applySettings();
		this.#edges.forget(['*']);
		return taken.later;
	}

	/** The next launcher is told the config that is in force, should it find the file broken. */
	#remember(): void {
		const memo = configMemo(this.#config);
		if (memo !== undefined) this.#options.keeper.send('remember', { memo });
	}

	/** As its file is by now, with each of its instances. */
	#rememberTenant(id: number): void {
		const memo = tenantMemo(this.#options.registry.remembered(id));
		if (memo === undefined) return;
		for (const instance of this.#lodging.instances(id)) this.#options.keeper.send('remember', { id, instance, memo });
	}
}
