import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { allProcesses, lives, type Process } from '../system/processes.ts';

const LOOK_EVERY_MS = 20;

/**
 * All that descends from a process, by parent, as far as it was seen: who once belonged to it belongs to it for ever, also when its
 * parent is gone, and so do its own children.
 */
export class Descent {
	readonly #known = new Map<string, Process>();

	constructor(root: Process) {
		this.#known.set(nameOf(root), root);
	}

	/** To be called often: what is born and orphaned between two looks is not seen. */
	look(): void {
		const all = allProcesses();
		const byPid = new Map(all.map((process) => [process.pid, process]));
		// Children have higher pids than their parents, but where pids begin anew: so look until nobody is new.
		for (let before = -1; before < this.#known.size; ) {
			before = this.#known.size;
			for (const process of all) {
				const parent = byPid.get(process.parent);
				if (parent !== undefined && this.#known.has(nameOf(parent))) this.#known.set(nameOf(process), process);
			}
		}
	}

	/** Who of them lives. */
	alive(): Process[] {
		for (const [name, process] of this.#known) if (!lives(process)) this.#known.delete(name);
		return [...this.#known.values()];
	}

	/** Resolves to who still lives after that many ms, at once where nobody does. */
	async outlive(ms: number): Promise<Process[]> {
		for (let waited = 0; ; waited += LOOK_EVERY_MS) {
			this.look();
			const left = this.alive();
			if (left.length === 0 || waited >= ms) return left;
			await delay(LOOK_EVERY_MS);
		}
	}

	/** Ends all: asked to, so that servers take back what they made; what has not gone within that many ms is killed. */
	async end(ms: number): Promise<void> {
		this.look();
		for (const process of this.alive()) signal(process, 'SIGTERM');
		for (const process of await this.outlive(ms)) signal(process, 'SIGKILL');
		await this.outlive(ms);
	}
}

/** Kills the process itself; nothing where it is gone. */
export function signal({ pid }: Process, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch {
		// It is gone.
	}
}

/** Where in the kernel a process waits, for people. */
export function describeWait({ pid, command }: Process): string {
	let place = '';
	try {
		place = readFileSync(`/proc/${pid}/wchan`, 'utf8');
	} catch {
		// Gone, or another user's.
	}
	return `${pid} ${command}${place === '' || place === '0' ? '' : ` (waits in ${place})`}`;
}

function nameOf({ pid, started }: Process): string {
	return `${pid} ${started}`;
}
