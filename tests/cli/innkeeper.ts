import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { ControlAnswer, ControlRequest } from '../../launcher/protocol/control.ts';
import { readLines, writeLine } from '../../launcher/protocol/lines.ts';

export const packageFolder: string = resolve(import.meta.dirname, '../..');

export interface Ended {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number | undefined;
}

/** Runs bin/innkeeper to its end, with nothing of this process's environment but what is given. */
export async function innkeeper(
	commandLine: readonly string[],
	env: Record<string, string> = {},
	cwd: string = packageFolder,
): Promise<Ended> {
	const { stdout, stderr, exitCode } = await execa(join(packageFolder, 'bin', 'innkeeper'), commandLine, {
		cwd,
		env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
		extendEnv: false,
		reject: false,
	});
	return { stdout, stderr, exitCode };
}

/** Runs bin/innkeeper on a terminal made by script(1); what the terminal was sent. */
export async function onTerminal(commandLine: string, env: Record<string, string>): Promise<string> {
	const command = `${join(packageFolder, 'bin', 'innkeeper')} ${commandLine}`;
	const { stdout } = await execa('script', ['-qec', command, '/dev/null'], {
		env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
		extendEnv: false,
		stdin: 'ignore',
	});
	return stdout;
}

/** A server that answers on a control socket of its own with what the test says. */
export class FakeServer {
	readonly folder: string = mkdtempSync(join(tmpdir(), 'innkeeper-cli-'));
	readonly control: string = join(this.folder, 'control.sock');
	/** What it was asked, in order. */
	readonly requests: ControlRequest[] = [];
	/** What it answers to each; set by the test. Closes the connection after the last. */
	answers: ControlAnswer[] = [];
	/** What it says before them, as it is. */
	raw = '';
	readonly #server: Server = createServer((socket) => {
		readLines(socket, (request) => {
			this.requests.push(request as ControlRequest);
			socket.write(this.raw);
			for (const answer of this.answers) writeLine(socket, answer);
			socket.end();
		});
	});

	listen(): Promise<void> {
		return new Promise((done) => this.#server.listen(this.control, done));
	}

	close(): Promise<void> {
		return new Promise((done) => {
			this.#server.close(() => done());
			rmSync(this.folder, { recursive: true });
		});
	}
}

/** What `check` says but for what a process may open here. */
export function withoutRoom(stdout: string): string {
	return stdout
		.split('\n')
		.filter((line) => !line.endsWith('(few-files)'))
		.join('\n');
}
