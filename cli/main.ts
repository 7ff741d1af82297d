/** The `innkeeper` command: understands the command line, calls the command's file, and turns failures into words and a status. */
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { plainLines } from '../launcher/protocol/plaintext.ts';
import type { CommandName } from './commands.ts';
import { type Context, outputTo } from './context.ts';
import { Failure } from './failure.ts';
import { type Call, parseCommandLine } from './parse.ts';
import { paint } from './table.ts';

/** Loaded when called: `ps` need not read the schemas of `check`. */
const commandFiles: Record<CommandName, () => Promise<{ run(call: Call, context: Context): Promise<number> }>> = {
	serve: () => import('./serve.ts'),
	check: () => import('./check.ts'),
	ps: () => import('./ps.ts'),
	list: () => import('./list.ts'),
	status: () => import('./status.ts'),
	whois: () => import('./whois.ts'),
	wake: () => import('./wake.ts'),
	stop: () => import('./stop.ts'),
	restart: () => import('./restart.ts'),
	reload: () => import('./reload.ts'),
	explain: () => import('./explain.ts'),
	logs: () => import('./logs.ts'),
	config: () => import('./config.ts'),
	completion: () => import('./completion.ts'),
	version: () => import('./version.ts'),
	help: () => import('./help.ts'),
};

const context: Context = {
	out: { ...outputTo(1, showsColours(1), outputLost), terminal: isatty(1) },
	err: outputTo(2, showsColours(2), () => process.exit(1)),
	env: process.env,
	now: Date.now,
	user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
	packageFolder: packageFolder(),
	node: process.execPath,
	become: (program, programArguments) => {
		process.execve?.(program, [program, ...programArguments], {});
		throw new Failure('this Node cannot become another program (process.execve)');
	},
};

process.exitCode = await main();

async function main(): Promise<number> {
	try {
		const call = parseCommandLine(process.argv.slice(2));
		const { run } = await commandFiles[call.command]();
		return await run(call, context);
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		context.err.write(`${paint('innkeeper:', 'red', context.err.colours)} ${plainLines(error.message)}\n`);
		for (const line of error.advice) context.err.write(`  ${plainLines(line)}\n`);
		return error.status;
	}
}

/** A reader that has seen enough is no failure; a full disk is one, which the exit status tells, too. */
function outputLost(code: string): never {
	// A socket, which is what some programs read from, is reset where a pipe breaks.
	if (code === 'EPIPE' || code === 'ECONNRESET') process.exit(0);
	context.err.write(`${paint('innkeeper:', 'red', context.err.colours)} the output cannot be written: ${code}\n`);
	process.exit(1);
}

/** A terminal that is not a dumb one, and no wish against colours (no-color.org). */
function showsColours(fd: number): boolean {
	return isatty(fd) && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

/** Above cli/ in a clone, above dist/cli/ in an installed package. */
function packageFolder(): string {
	const above = dirname(import.meta.dirname);
	return import.meta.filename.endsWith('.ts') ? above : dirname(above);
}
