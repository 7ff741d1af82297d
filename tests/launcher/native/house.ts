import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { veilFor } from '../../../launcher/drivers/veil.ts';
import { type Answer, type Fields, KeeperConnection, type Message } from '../../../launcher/keeper/frames.ts';
import { PATIENCE } from '../../patience.ts';

export const ROOT: boolean = process.getuid?.() === 0;
const here: string = import.meta.dirname;
const project: string = join(here, '../../..');
export const FIXTURES: string = join(here, 'fixtures');
/** Which of the two keepers is tried: `keeper`, or `keeper-sanitized` with KEEPER=keeper-sanitized in the environment. */
const KEEPER_NAME: string = process.env['KEEPER'] ?? 'keeper';

/** Where the cgroup2 tree is mounted, and this process's place in it. */
export function cgroupHere(): string {
	const mount = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.find((line) => line.includes(' - cgroup2 '));
	const own = readFileSync('/proc/self/cgroup', 'utf8')
		.split('\n')
		.find((line) => line.startsWith('0::'));
	return `${mount?.split(' ')[4] ?? ''}${own?.slice(3).replace(/\/$/, '') ?? ''}`;
}

/** Root, or an ordinary user whose subtree was delegated to it. */
export function mayMakeCgroups(): boolean {
	try {
		accessSync(`${cgroupHere()}/cgroup.procs`, constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

let built = false;
export function keeperBinary(): string {
	const make = ['-s', '-C', join(project, 'launcher/native')];
	if (!built) execFileSync('make', KEEPER_NAME === 'keeper' ? make : [...make, 'sanitized'], { stdio: 'inherit' });
	built = true;
	return join(project, 'build', KEEPER_NAME);
}

/** A fixture in C, compiled into a folder that every user may enter. */
export function compiled(folder: string, name: string): string {
	const program = join(folder, name);
	if (!existsSync(program))
		execFileSync('cc', ['-O1', '-static', '-pthread', '-o', program, join(FIXTURES, `${name}.c`)]);
	return program;
}

/** What `make` resolves with; rejects where that does not come. */
export function wait<T>(
	make: (resolve: (value: T) => void, reject: (reason: Error) => void) => void,
	what: string,
): Promise<T> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE} ms`)), PATIENCE);
		make((value) => {
			clearTimeout(timer);
			resolve(value);
		}, reject);
	});
}

/** A keeper under test; the test is its launcher, at the other end of a little program that only passes bytes on. */
export class TestKeeper {
	readonly folder: string;
	readonly cgroup: string | undefined;
	readonly tag: string;
	process: ChildProcess | undefined;
	connection: KeeperConnection | undefined;
	readonly events: Message[] = [];
	stderr = '';
	/** The pid of the little program that is the launcher. */
	launcherPid = 0;
	#relay: Server;
	#socket: Socket | undefined;
	#watchers = new Set<() => void>();
	#hall: boolean;

	/** `beside`: in the run folder of another. `long`: its path leaves room for `control.sock` in a socket's path, and no more. */
	constructor(
		options: { tag?: 'cgroup' | 'pidns' | 'tree'; hall?: boolean; beside?: TestKeeper; long?: boolean } = {},
	) {
		this.tag = options.tag ?? (mayMakeCgroups() ? 'cgroup' : 'pidns');
		this.#hall = options.hall ?? ROOT;
		this.folder =
			options.beside?.folder ??
			mkdtempSync(join(tmpdir(), options.long ? 'keeper-'.padEnd(87 - tmpdir().length, 'r') : 'keeper-'));
		chmodSync(this.folder, 0o755);
		this.cgroup =
			this.tag === 'cgroup' ? `${cgroupHere()}/innkeeper-test-${process.pid}-${this.folder.slice(-6)}` : undefined;
		this.#relay = createServer((socket) => this.#greet(socket));
	}

	/** Starts the keeper and says hello. */
	async start(): Promise<Answer> {
		if (!this.#relay.listening && !existsSync(join(this.folder, 'relay.sock')))
			await new Promise<void>((resolve) => this.#relay.listen(join(this.folder, 'relay.sock'), resolve));
		const args = [
			`run=${this.folder}`,
			`control=${join(this.folder, 'control.sock')}`,
			`tag=${this.tag}`,
			...(this.cgroup === undefined ? [] : [`cgroup=${this.cgroup}`]),
			`hall=${this.#hall ? 1 : 0}`,
			...(ROOT ? ['edge-uid=60002', 'edge-gid=60002'] : []),
			`launcher=${compiled(this.folder, 'relay')}`,
			`launcher=${join(this.folder, 'relay.sock')}`,
		];
		this.process = spawn(keeperBinary(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
		this.process.stderr?.on('data', (chunk) => {
			this.stderr += chunk;
		});
		this.process.once('close', () => {
			for (const watcher of this.#watchers) watcher();
		});
		return this.greeted();
	}

	get pid(): number {
		return this.process?.pid ?? 0;
	}

	/** Resolves with the answer to the hello of the next launcher. */
	async greeted(): Promise<Answer> {
		const ended = (): boolean => this.process?.exitCode !== null;
		if (this.connection === undefined) await this.#changed(() => this.connection !== undefined || ended(), 'launcher');
		return this.request('hello', { protocol: 1 });
	}

	#greet(socket: Socket): void {
		this.#socket = socket;
		socket.once('data', (first: Buffer) => {
			this.launcherPid = first.readUInt32LE();
			if (first.length > 4) socket.unshift(first.subarray(4));
			this.connection = new KeeperConnection(socket, {
				onEvent: (event) => {
					this.events.push(event);
					for (const watcher of this.#watchers) watcher();
				},
				onEnd: () => {
					this.connection = undefined;
					for (const watcher of this.#watchers) watcher();
				},
				report: (line) => {
					throw new Error(line);
				},
			});
			for (const watcher of this.#watchers) watcher();
		});
	}

	#changed(check: () => boolean, what: string): Promise<void> {
		let watcher: () => void = () => undefined;
		return wait<void>((resolve) => {
			watcher = () => {
				if (check()) resolve();
			};
			this.#watchers.add(watcher);
			watcher();
		}, what).finally(() => this.#watchers.delete(watcher));
	}

	request(verb: string, fields: Fields = {}): Promise<Answer> {
		if (this.connection === undefined) return Promise.reject(new Error(`no launcher; ${this.stderr}`));
		return this.connection.request(verb, fields);
	}

	/** Resolves once the launcher is gone. */
	lost(): Promise<void> {
		return this.#changed(() => this.connection === undefined, 'end of the launcher');
	}

	/** Bytes to the keeper that no codec made. */
	raw(bytes: Buffer): void {
		this.#socket?.write(bytes);
	}

	/** The first event so far, or the next one, with that verb and those values. */
	event(verb: string, fields: Record<string, string | number> = {}): Promise<Message> {
		const wanted = Object.entries(fields);
		const check = (event: Message): boolean =>
			event.verb === verb && wanted.every(([key, value]) => event.find(key) === String(value));
		return this.untilEvent(check, `${verb} ${JSON.stringify(fields)}`);
	}

	/** The first event so far, or the next one, that passes the check. */
	async untilEvent(check: (event: Message) => boolean, what: string): Promise<Message> {
		await this.#changed(() => this.events.some(check), what);
		return this.events.find(check) as Message;
	}

	/** Opens a tenant's socket on the host's loopback, on a port of the kernel's choice. */
	async open(name: string, id: number, fields: Fields = {}): Promise<number> {
		const answer = await this.request('open', {
			name,
			id,
			at: 'host',
			address: '127.0.0.1',
			port: 0,
			to: 'tenant',
			...fields,
		});
		return answer.number('port');
	}

	/** Starts a program as VPS `id`, as a user of its own where we are root. */
	launch(id: number, instance: number, fields: Fields): Promise<Answer> {
		return this.request('start', {
			id,
			instance,
			cwd: this.folder,
			activation: 'adopt',
			...(ROOT ? { uid: 70000 + id, gid: 70000 + id } : {}),
			...fields,
		});
	}

	/** Asks the keeper to end, and resolves with its exit status. */
	async end(status = 0): Promise<number | null> {
		const gone = this.gone();
		void this.request('end', { status }).catch(() => undefined);
		return gone;
	}

	gone(): Promise<number | null> {
		const child = this.process;
		if (child === undefined || child.exitCode !== null || child.signalCode !== null)
			return Promise.resolve(child?.exitCode ?? null);
		return wait((resolve) => child.once('close', (code) => resolve(code)), `end of the keeper; ${this.stderr}`);
	}

	/** Ends what is left and removes the folder. Fails where the sanitizers complained. */
	async close(): Promise<void> {
		if (this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null) {
			if (this.connection !== undefined) await this.end();
			else {
				this.process.kill('SIGTERM');
				this.process.kill('SIGTERM');
				await this.gone();
			}
		}
		await new Promise((resolve) => this.#relay.close(resolve));
		if (this.cgroup !== undefined && existsSync(this.cgroup)) await this.#sweep(this.cgroup);
		rmSync(this.folder, { recursive: true, force: true });
		if (/Sanitizer|runtime error/.test(this.stderr)) throw new Error(this.stderr);
	}

	/** What a keeper that died under test left of its cgroups: swept by another one. */
	async #sweep(cgroup: string): Promise<void> {
		const args = [
			`run=${tmpdir()}`,
			`control=${this.folder}/x`,
			'tag=cgroup',
			`cgroup=${cgroup}`,
			'hall=0',
			'launcher=/no/such',
		];
		const sweeper = spawn(keeperBinary(), args, { stdio: 'ignore' });
		await wait((resolve) => sweeper.once('close', resolve), 'end of the sweep');
	}

	/** A folder that the VPS's user may write. */
	dataFor(id: number): string {
		const folder = mkdtempSync(join(this.folder, 'data-'));
		if (ROOT) chownSync(folder, 70000 + id, 70000 + id);
		return folder;
	}
}

/** The living children of a process. */
export function childrenOf(pid: number): { pid: number; command: string }[] {
	return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
		.split(' ')
		.filter((text) => text !== '')
		.map((text) => ({ pid: Number(text), command: readFileSync(`/proc/${text}/cmdline`, 'utf8') }));
}

/** A test that needs root; elsewhere it says so instead. */
export function rootOnly(title: string, body: () => Promise<void>): void {
	if (ROOT) test(title, body);
	else test.skip(`${title} (needs root)`, () => undefined);
}

/** A `start` of this Node, which the tenant's user may not reach by itself (a clone under /root). */
export function nodeProgram(...rest: (string | number)[]): {
	arg: (string | number)[];
	veil?: readonly string[];
	reveal?: readonly string[];
} {
	const arg = [process.execPath, ...rest];
	return ROOT ? { arg, ...veilFor(70101, 70101, [process.execPath]) } : { arg };
}
