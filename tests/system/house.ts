import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { ask, type Heard } from '../../cli/control.ts';
import type { ControlRequest, TenantRow } from '../../launcher/protocol/control.ts';
import { PATIENCE } from '../patience.ts';
import { freePort } from './freeport.ts';
import { insidePid, lives, type Process, processTree } from './processes.ts';

/** A file of a tenant: its text, or a hard link to a file that is there (a compiled program). */
export type TenantFile = string | { readonly link: string };

export interface TenantFiles {
	/** tenant.yaml: as text, or as a document to be written as JSON, which is YAML. */
	readonly yaml: string | Readonly<Record<string, unknown>>;
	/** Beside it, by relative path. */
	readonly files?: Readonly<Record<string, TenantFile>>;
}

export interface HouseOptions {
	/** Keys of the config file beside the ones that the house needs; they win. */
	readonly config?: Readonly<Record<string, unknown>>;
	/** By the name of the tenant's folder. */
	readonly tenants: Readonly<Record<string, TenantFiles>>;
	/** Tenants' users may enter the house's folder. Else it is as mktemp(1) makes it, the usual case of a clone, and they are veiled. */
	readonly open?: boolean;
	/** How long it may take until the server says that it is ready, in ms; PATIENCE where many tenants do not make it slower. */
	readonly readyWithin?: number;
	/** The server's whole environment beside PATH. */
	readonly env?: Readonly<Record<string, string>>;
	/** A script of sh(1) that becomes the server, `exec "$@"`, with other outputs or mounts; $0 is the house's folder. */
	readonly by?: string;
}

const root: string = join(import.meta.dirname, '..', '..');
const LINES_KEPT = 2000;

/** What the house needs of execa's subprocess. */
interface Server extends PromiseLike<{ readonly exitCode?: number; readonly signal?: string }> {
	readonly pid?: number;
}

/** A whole Innkeeper server of a test's or a bench's own: its files in a new folder, its port a free one. */
export class House {
	/** Holds everything: innkeeper.yaml, tenants/, state/, run/. */
	readonly folder: string;
	/** `http://127.0.0.1:PORT`, the edge's listener. */
	readonly url: string;
	readonly port: number;
	readonly #env: Readonly<Record<string, string>>;
	readonly #by: string | undefined;
	#server: Server | undefined;
	#serving = false;
	#lines: string[] = [];
	#ready = 0;

	/** Writes the files, starts the server and resolves once it says that it is ready. */
	static async start(options: HouseOptions): Promise<House> {
		const folder = await mkdtemp(join(tmpdir(), 'innkeeper-house-'));
		if (options.open) await chmod(folder, 0o755);
		const house = new House(folder, await freePort(), options);
		try {
			await house.#write(options);
			await house.serve(options.readyWithin);
		} catch (error) {
			await house.discard();
			throw error;
		}
		return house;
	}

	private constructor(folder: string, port: number, { env = {}, by }: HouseOptions) {
		this.folder = folder;
		this.port = port;
		this.url = `http://127.0.0.1:${port}`;
		this.#env = env;
		this.#by = by;
	}

	/** The server's process: the keeper, once it is ready. Throws where none was started. */
	get pid(): number {
		const pid = this.#server?.pid;
		if (pid === undefined) throw new Error('the house has no server');
		return pid;
	}

	/** What the server printed, the last lines of it, both streams together. */
	get output(): string {
		return this.#lines.join('\n');
	}

	/** From the start of the command to `innkeeper: ready`, in ms. */
	get readyAfter(): number {
		return this.#ready;
	}

	/** The keeper and all that descend from it. */
	processes(): Process[] {
		return processTree(this.pid);
	}

	/** The launcher's pid; undefined where there is none just now. */
	get launcher(): number | undefined {
		// The keeper has the launcher's command line among its arguments.
		return this.processes().find(
			({ command }) => !command.includes('launcher=') && command.includes('launcher/main.ts'),
		)?.pid;
	}

	/** Kills the launcher, and resolves once its successor has taken over. */
	async relaunch(): Promise<void> {
		const took = (): number => this.output.split('the launcher was started again').length;
		const before = took();
		process.kill(this.launcher ?? 0, 'SIGKILL');
		while (took() === before && this.#serving) await delay(5);
	}

	/** Adds a tenant's files, or writes them anew; the registry's watch or a reload takes them in. */
	async tenant(name: string, tenant: TenantFiles): Promise<void> {
		const folder = join(this.folder, 'tenants', name);
		await mkdir(folder, { recursive: true });
		for (const [path, content] of Object.entries(tenant.files ?? {})) {
			const file = join(folder, path);
			if (dirname(file) !== folder) await mkdir(dirname(file), { recursive: true });
			await (typeof content === 'string' ? writeFile(file, content) : link(content.link, file));
		}
		const text = typeof tenant.yaml === 'string' ? tenant.yaml : JSON.stringify(tenant.yaml);
		await writeFile(join(folder, 'tenant.yaml'), text);
	}

	/** What the launcher answers on the control socket, `heard` what it says before that; rejects with cli's Failure. */
	control(request: ControlRequest, heard: Heard = {}): Promise<unknown> {
		return ask(join(this.folder, 'run', 'control.sock'), request, heard);
	}

	async ps(): Promise<readonly TenantRow[]> {
		const rows: TenantRow[] = [];
		await ask(join(this.folder, 'run', 'control.sock'), { verb: 'ps' }, { row: (row) => rows.push(row as TenantRow) });
		return rows;
	}

	/** One row of `ps`. Rejects where the tenant is unknown. */
	async row(name: string): Promise<TenantRow> {
		const row = (await this.ps()).find((candidate) => candidate.name === name);
		if (row === undefined) throw new Error(`ps knows no tenant ${name}`);
		return row;
	}

	/** The pid of a tenant's process that tells its own: where VPSs have pid namespaces, these are two. Rejects where it is none of them. */
	async pidOf(name: string, inside: number): Promise<number> {
		const pid = (await this.row(name)).pids.find((one) => insidePid(one) === inside);
		if (pid === undefined) throw new Error(`no process of ${name} calls itself ${inside}`);
		return pid;
	}

	/** Starts the server with the files as they are; for a house that was stopped or killed. Rejects where it does not get ready. */
	async serve(readyWithin: number = PATIENCE): Promise<void> {
		const began = performance.now();
		const command = [join(root, 'bin', 'innkeeper'), 'serve', '--config', join(this.folder, 'innkeeper.yaml')];
		const [program = '', ...rest] = this.#by === undefined ? command : ['sh', '-c', this.#by, this.folder, ...command];
		const server = execa(program, rest, {
			cwd: this.folder,
			env: { PATH: process.env['PATH'] ?? '', ...this.#env },
			extendEnv: false,
			stdin: 'ignore',
			all: true,
			buffer: false,
			reject: false,
		});
		this.#server = server;
		this.#serving = true;
		this.#lines = [];
		const ended = server.then(() => {
			this.#serving = false;
			return 'ended' as const;
		});
		const ready = new Promise<'ready'>((resolve) => {
			createInterface({ input: server.all }).on('line', (line) => {
				this.#lines.push(line);
				if (this.#lines.length > LINES_KEPT) this.#lines.shift();
				if (line === 'innkeeper: ready') resolve('ready');
			});
		});
		// Who cannot hear it asks.
		const waits = this.#by === undefined ? [ready, ended] : [ready, ended, this.#answers()];
		const outcome = await within(readyWithin, Promise.race(waits));
		if (outcome !== 'ready') throw new Error(`innkeeper serve: ${outcome ?? 'not ready in time'}\n${this.output}`);
		this.#ready = performance.now() - began;
	}

	/** Ends the server by SIGTERM. Rejects where it does not end in time, with status 0, and without leaving anything behind. */
	async stop(): Promise<void> {
		const mark = this.mark();
		const server = this.#running();
		process.kill(this.pid, 'SIGTERM');
		const result = await within(PATIENCE, server);
		if (result === undefined) throw new Error(`the server did not end within ${PATIENCE} ms\n${this.output}`);
		if (result.exitCode !== 0) {
			throw new Error(`the server ended with ${result.signal ?? result.exitCode}\n${this.output}`);
		}
		const left = this.leftovers(mark);
		if (left.length > 0) throw new Error(`the server left behind: ${left.join('; ')}\n${this.output}`);
	}

	/** Kills the keeper, and with it the house; resolves when the keeper is gone, its children perhaps not yet. */
	async kill(): Promise<void> {
		const server = this.#running();
		process.kill(this.pid, 'SIGKILL');
		await within(PATIENCE, server);
	}

	/** What lives now, to be compared by `leftovers` once the server is gone. */
	mark(): Mark {
		const [keeper] = processTree(this.pid);
		const cgroup = /(?:^| )cgroup=(\S+)/.exec(keeper?.command ?? '')?.[1];
		return { processes: this.processes(), cgroup };
	}

	/** What is still there of a server that was alive at the mark: processes, cgroups, mounts and sockets, a phrase each. */
	leftovers(mark: Mark): string[] {
		const left = mark.processes.filter(lives).map((process) => `process ${process.pid} (${process.command})`);
		if (mark.cgroup !== undefined && existsSync(mark.cgroup)) left.push(`cgroup ${mark.cgroup}`);
		const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
		left.push(...mounts.filter((line) => line.includes(this.folder)).map((line) => `mount ${line}`));
		const run = join(this.folder, 'run');
		if (existsSync(run)) {
			const entries = readdirSync(run, { recursive: true, withFileTypes: true });
			left.push(...entries.filter((entry) => entry.isSocket()).map((entry) => `socket ${entry.name}`));
		}
		return left;
	}

	/** Ends whatever of the house still runs, and deletes its folder. Never rejects for a server that is in a bad state. */
	async discard(): Promise<void> {
		if (this.#serving) {
			const server = this.#running();
			const { processes } = this.mark();
			process.kill(this.pid, 'SIGTERM');
			if ((await within(PATIENCE, server)) === undefined) {
				for (const left of processes.filter(lives)) process.kill(left.pid, 'SIGKILL');
				await within(PATIENCE, server);
			}
		}
		rmSync(this.folder, { recursive: true, force: true });
	}

	async #answers(): Promise<'ready'> {
		while (this.#serving && !(await this.ps().catch(() => undefined))) await delay(20);
		return 'ready';
	}

	#running(): Server {
		if (this.#server === undefined) throw new Error('the house has no server');
		return this.#server;
	}

	async #write(options: HouseOptions): Promise<void> {
		const config = {
			listen: { http: [`127.0.0.1:${this.port}`] },
			state: join(this.folder, 'state'),
			run: join(this.folder, 'run'),
			control: join(this.folder, 'run', 'control.sock'),
			tenants: [join(this.folder, 'tenants')],
			accessLog: { file: 'stdout', format: 'off' },
			...options.config,
		};
		await mkdir(join(this.folder, 'tenants'));
		await writeFile(join(this.folder, 'innkeeper.yaml'), JSON.stringify(config));
		for (const [name, tenant] of Object.entries(options.tenants)) await this.tenant(name, tenant);
	}
}

/** What a server consisted of at some moment. */
export interface Mark {
	readonly processes: readonly Process[];
	/** The server's folder in the cgroup2 tree, where it has one. */
	readonly cgroup: string | undefined;
}

/** The promise's value, or undefined where it is not settled in time. */
async function within<T>(ms: number, promise: PromiseLike<T>): Promise<T | undefined> {
	const timer = new AbortController();
	try {
		return await Promise.race([promise, delay(ms, undefined, { signal: timer.signal })]);
	} finally {
		timer.abort();
	}
}
