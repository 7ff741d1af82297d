import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processTree, readProcess } from '../system/processes.ts';
import { Descent, describeWait, signal } from './descent.ts';
import { Inspector } from './stack.ts';
import { findHanging, readStages, type Stage } from './stages.ts';

const project: string = resolve(import.meta.dirname, '..', '..');

/** How often the run looks who hangs, and who was born. */
const LOOK_EVERY_MS = 500;

/** Until a process that hangs has told its stack. */
const STACK_WITHIN_MS = 2000;

/** What a run has started may take to end, by itself behind the last test and when it is told to. */
const ENDS_WITHIN_MS = 5000;

interface Ended {
	readonly ended: string;
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

/** One run of the tests. It counts what passed and failed, and comes to an end whatever the tests do. */
export class TestRun {
	passed = 0;
	failed = 0;
	skipped = 0;
	/** The run had to be ended, for its time was over. */
	expired = false;
	readonly #ends: number;
	#descent: Descent | undefined;
	/** What hung, for the end of the output, where people look. */
	readonly #hung: string[] = [];

	/** `limit`: ms that it may take altogether. */
	constructor(limit: number) {
		this.#ends = performance.now() + limit;
	}

	/** Runs a check that counts as one test. */
	async check(name: string, command: string, words: readonly string[]): Promise<void> {
		const status = await this.#command(command, words, async () => {
			this.#say(`${name} hung`);
		});
		if (status === 0) this.passed++;
		else this.failed++;
	}

	/** Runs jest with these words, and counts its tests; files that cannot be run and processes left behind are failed ones. */
	async jest(words: readonly string[]): Promise<void> {
		if (this.expired) return;
		const records = mkdtempSync(join(tmpdir(), 'innkeeper-tests-'));
		try {
			const status = await this.#command(
				'node',
				[
					'--experimental-vm-modules',
					'--no-warnings',
					join(project, 'node_modules', 'jest', 'bin', 'jest.js'),
					...['default', 'tests/lingering.mjs', 'tests/runner/results.mjs'].map(
						(name) => `--reporters=${name === 'default' ? name : join(project, name)}`,
					),
					// Last, for an option that may be given several times takes every word up to the next option.
					`--testEnvironmentOptions=${JSON.stringify({ records })}`,
					...words,
				],
				() => this.#tellAll(records),
				() => this.#endHanging(records),
			);
			this.#count(records, status);
		} finally {
			rmSync(records, { recursive: true });
		}
	}

	/** Ends all that the run has started. */
	async end(): Promise<void> {
		await this.#descent?.end(ENDS_WITHIN_MS);
	}

	/** Resolves to the status of a command, once it and all that it has started are gone. `late` is called where the run's time is over before. */
	async #command(
		command: string,
		words: readonly string[],
		late: () => Promise<void>,
		look: () => Promise<void> = async () => {},
	): Promise<number> {
		const child = spawn(command, words, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
		const closed = once(child, 'close').then(([status]) => Number(status ?? 1));
		const itself = readProcess(child.pid ?? 0);
		if (itself === undefined) return closed;
		const descent = new Descent(itself);
		this.#descent = descent;
		let status: number | undefined;
		while (status === undefined) {
			status = await Promise.race([closed, delay(LOOK_EVERY_MS, undefined)]);
			descent.look();
			if (status === undefined && performance.now() > this.#ends) {
				this.expired = true;
				await late();
				await descent.end(ENDS_WITHIN_MS);
				status = await closed;
			} else if (status === undefined) await look();
		}
		const left = await descent.outlive(this.expired ? 0 : ENDS_WITHIN_MS);
		for (const process of left) this.#say(`left behind by a test, and ended: ${describeWait(process)}`);
		if (left.length > 0) this.failed++;
		await descent.end(ENDS_WITHIN_MS);
		this.#descent = undefined;
		return status;
	}

	/** Ends each process that is at something for too long; jest goes on with the next file in another one. */
	async #endHanging(records: string): Promise<void> {
		// Each is read anew, for it takes its time to tell what hangs, and the others go on meanwhile.
		for (;;) {
			const stage = findHanging(records, Date.now());
			if (stage === undefined) return;
			await this.#tell(stage);
			for (const process of processTree(stage.pid).toReversed()) signal(process, 'SIGKILL');
			rmSync(join(records, String(stage.pid)), { force: true });
		}
	}

	/** The run's time is over: says what everybody is at. */
	async #tellAll(records: string): Promise<void> {
		await Promise.all(readStages(records).map((stage) => this.#tell(stage)));
	}

	/** Says of one process where it hangs: its stack, and for which children it waits. */
	async #tell(stage: Stage): Promise<void> {
		const seconds = Math.round((Date.now() - stage.since) / 1000);
		const lines = [`${stage.file} › ${stage.stage}: hung for ${seconds} s (process ${stage.pid})`];
		const inspector = await Inspector.open(stage.pid);
		const stack = await inspector?.stack(STACK_WITHIN_MS);
		inspector?.close();
		if (stack === undefined) {
			// As in execFileSync, or where all that is left is a promise that nobody keeps.
			const [itself, ...children] = processTree(stage.pid);
			if (itself !== undefined) lines.push(`no JavaScript runs: ${describeWait(itself)}`);
			lines.push(...children.map((child) => `child process: ${describeWait(child)}`));
		} else lines.push(...stack.split('\n'));
		this.#say(lines.join('\n    '));
	}

	#say(text: string): void {
		this.#hung.push(text);
		console.error(text);
	}

	/** Adds up what jest's reporter wrote down. */
	#count(records: string, status: number): void {
		const file = join(records, 'results');
		const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
		const results = lines.map((line) => JSON.parse(line) as { began: string } | Ended);
		const ended = results.filter((result) => 'ended' in result);
		const before = this.failed;
		for (const { passed, failed, skipped } of ended) {
			this.passed += passed;
			this.failed += failed;
			this.skipped += skipped;
		}
		const names = new Set(ended.map((result) => result.ended));
		const open = results.flatMap((result) => ('began' in result && !names.has(result.began) ? [result.began] : []));
		this.failed += open.length;
		const late = join(records, 'late');
		if (existsSync(late)) this.#hung.push(readFileSync(late, 'utf8').trimEnd());
		if (this.#hung.length > 0) console.error(['', 'What did not end by itself:', ...this.#hung].join('\n'));
		for (const name of open) console.error(`${name}: was not over when the run ended`);
		// What jest finds wrong without a test that failed, and a run in which nothing ran, fails too.
		if (this.failed === before && (status !== 0 || this.passed === 0)) {
			if (status === 0) console.error('tests/run: not one test ran.');
			this.failed++;
		}
	}
}
