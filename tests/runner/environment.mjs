import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

/** Milliseconds that what a test file is done with may take to close. */
const CLOSES_WITHIN = 5000;

/** Loading a file and tidying up behind it, for which jest knows no limit, may take so many times what a test may, and so long at most. */
const LOADING = 10;
const LOADING_MOST = 120_000;

/** So that several processes can be asked for their stack at once (stack.ts); the default is one port for all. */
process.debugPort = 0;

/** Node opens these when they are first used, and what is open before the tests is none of theirs. */
void [process.stdin, process.stdout, process.stderr];

/** What tests write is for tenants and edges, who have users of their own, whatever umask the run was started with. */
process.umask(0o022);

/**
 * Jest's environment for Node, which besides writes down what this process is at (stages.ts reads it), tells what was open when a
 * test or hook did not end in time, and fails a file that leaves something open.
 */
export default class WatchedEnvironment extends TestEnvironment {
	/** Where to write; undefined where nobody watches, as in a run of jest alone. */
	#records;
	#root;
	#file;
	#loading;
	#open = {};

	constructor(config, context) {
		super(config, context);
		this.#records = config.projectConfig.testEnvironmentOptions.records;
		this.#root = config.projectConfig.rootDir;
		this.#file = relative(this.#root, context.testPath);
		this.#loading = Math.min(LOADING * (config.globalConfig.testTimeout ?? 5000), LOADING_MOST);
	}

	async setup() {
		await super.setup();
		this.#open = openResources();
		this.#begin('loading the file', this.#loading);
	}

	async teardown() {
		await super.teardown();
		if (this.#records !== undefined) rmSync(this.#record, { force: true });
	}

	async handleTestEvent(event, state) {
		const limit = (each) => each.timeout ?? state.testTimeout;
		if (event.name === 'test_fn_start') this.#begin(titleOf(event.test), hungAfter(limit(event.test)));
		if (event.name === 'hook_start') this.#begin(hookTitle(event), hungAfter(limit(event.hook)));
		if (event.name === 'test_fn_failure') this.#explain(event.error, titleOf(event.test), limit(event.test));
		if (event.name === 'hook_failure') this.#explain(event.error, hookTitle(event), limit(event.hook));
		if (event.name === 'run_finish') {
			this.#begin('closing what is open', CLOSES_WITHIN + this.#loading);
			const left = await this.#leftOpen();
			if (left.length > 0)
				state.unhandledErrors.push(new Error(`The tests of this file are over, but left open: ${left.join(', ')}.`));
		}
	}

	get #record() {
		return join(this.#records, String(process.pid));
	}

	#begin(stage, limit) {
		if (this.#records === undefined) return;
		writeFileSync(this.#record, JSON.stringify({ file: this.#file, stage, limit, since: Date.now() }));
	}

	/** Where jest says that the time is over: what was waited for, as far as the process can tell. */
	#explain(error, stage, limit) {
		if (!/Exceeded timeout of/.test(String(error?.message ?? error))) return;
		const open = Object.entries(openResources()).map(([type, count]) => `${type} ${count}`);
		const lines = [
			`${this.#file} › ${stage}: did not end within ${limit} ms`,
			`    open: ${open.join(', ') || 'nothing'}`,
		];
		for (const child of children()) lines.push(`    child process: ${child}`);
		const text = `${lines.join('\n')}\n`;
		if (this.#records === undefined) process.stderr.write(text);
		else appendFileSync(join(this.#records, 'late'), text);
	}

	/** What keeps the process awake and did not when the file began, once it had its time to close. */
	async #leftOpen() {
		const began = performance.now();
		for (;;) {
			const now = openResources();
			const left = Object.keys(now).filter((type) => now[type] > (this.#open[type] ?? 0));
			if (left.length === 0 || performance.now() - began > CLOSES_WITHIN) {
				return left.map((type) => `${type} ${now[type] - (this.#open[type] ?? 0)}`);
			}
			await delay(20);
		}
	}
}

/** Jest ends by itself what waits, at its limit. What is still there at twice that (and a second, for small limits) does not let jest run. */
function hungAfter(limit) {
	return 2 * limit + 1000;
}

/** What keeps the process awake, by type. */
function openResources() {
	const counts = {};
	for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
	return counts;
}

function children() {
	const found = [];
	for (const thread of readdirSync('/proc/self/task')) {
		const pids = readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ');
		for (const pid of pids.filter((each) => each !== '')) {
			found.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`);
		}
	}
	return found;
}

function titleOf(test) {
	const names = [];
	for (let at = test; at.parent !== undefined; at = at.parent) names.unshift(at.name);
	return names.join(' › ');
}

function hookTitle({ hook, test }) {
	return [hook.type, ...(test === undefined ? [] : [titleOf(test)])].join(' of ');
}
