import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { debianTool, npmTool, type Tool } from '../peers/tool.ts';
import { programFile } from '../programs.ts';
import { copyPackages } from './packages.ts';

export type Command = readonly [string, ...string[]];

/** A server whose cold start is measured; every one answers with the same 1 KiB. */
export interface ColdServer {
	/** `Node hello server`; the group of its figures. */
	readonly name: string;
	/** Short, for hosts and folders. */
	readonly slug: 'static' | 'node' | 'python' | 'php' | 'express';
	/** Its files; everybody may enter. */
	readonly folder: string;
	/** The command that serves the port, which is in its environment as PORT too. Every word is absolute. */
	command(port: number): Command;
	/** Serves one visitor whose connection is its stdin, where INETD is set. */
	readonly inetd: Command;
	/** It serves an inherited listening socket where LISTEN_FDS is set. */
	readonly inherits: boolean;
	/** What it needs beside Node. */
	readonly tools: readonly Tool[];
	/** How far above its floor an adopted cold start may be, in ms; undefined where that is only to be known. */
	readonly budget?: number;
}

/** As little as a tenant gets: NODE_EXTRA_CA_CERTS alone would double Node's boot. Floors, peers and tenants start alike. */
export const bareEnvironment = {
	PATH: '/usr/local/bin:/usr/bin:/bin',
	HOME: '/',
	LANG: 'C.UTF-8',
	NODE_ENV: 'production',
} as const;

/** The libraries of programs/express.mjs. */
const expressPackages = [
	...['axios', 'compression', 'cookie-parser', 'cors', 'express', 'express-session', 'helmet', 'joi', 'lodash'],
	...['luxon', 'morgan', 'pug', 'winston'],
] as const;

const python = '/usr/bin/python3';
const php = '/usr/bin/php';

/** All of them, with their files below the folder, from the quickest to the slowest. */
export async function coldServers(folder: string, staticProgram: string): Promise<readonly ColdServer[]> {
	const place = async (slug: ColdServer['slug'], ...files: string[]): Promise<string> => {
		const own = join(folder, slug);
		await mkdir(own, { recursive: true });
		for (const file of files) await copyFile(programFile(file), join(own, file));
		return own;
	};
	const plain = (command: Command): Pick<ColdServer, 'command' | 'inetd' | 'inherits'> => ({
		command: () => command,
		inetd: command,
		inherits: true,
	});
	const [node, pythonFolder, phpFolder, express] = [
		await place('node', 'hello.mjs'),
		await place('python', 'hello.py', 'hello.wsgi.py'),
		await place('php', 'hello.php'),
		await place('express', 'express.mjs'),
	];
	const page = join(phpFolder, 'hello.php');
	const missing = await copyPackages(expressPackages, join(express, 'node_modules'));
	return [
		{
			name: 'static C server',
			slug: 'static',
			folder: await place('static'),
			...plain([staticProgram]),
			tools: [],
			budget: 1.5,
		},
		{
			name: 'Node hello server',
			slug: 'node',
			folder: node,
			...plain([process.execPath, join(node, 'hello.mjs')]),
			tools: [],
			budget: 2.5,
		},
		{
			name: 'Python http.server',
			slug: 'python',
			folder: pythonFolder,
			...plain([python, join(pythonFolder, 'hello.py')]),
			tools: [debianTool('Python', python, ['--version'], 'python3')],
		},
		{
			name: "PHP's built-in server",
			slug: 'php',
			folder: phpFolder,
			command: (port) => [php, '-S', `127.0.0.1:${port}`, page],
			inetd: [php, page],
			inherits: false,
			tools: [debianTool('PHP', php, ['--version'], 'php-cli')],
		},
		{
			name: 'heavy Express app',
			slug: 'express',
			folder: express,
			...plain([process.execPath, join(express, 'express.mjs')]),
			tools: missing.map(npmTool),
		},
	];
}
