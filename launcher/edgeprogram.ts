import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { Fields } from './keeper/frames.ts';

/** What any Node needs of the system: the C and C++ libraries and their loader. */
const SYSTEM = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache', '/dev/null', '/dev/urandom'];

/** The parts of the program that an edge runs; it sees no other file of it. */
const PROGRAM = ['proxy', 'launcher/leaseclient', 'launcher/protocol', 'config/openfiles'];

/** Node gets its IPC channel as fd 3, and documents in JSON (native/PROTOCOL.md, Edges). */
const ENVIRONMENT = ['LANG=C.UTF-8', 'NODE_CHANNEL_FD=3', 'NODE_CHANNEL_SERIALIZATION_MODE=json'];

/**
 * What the keeper's `start` needs to know of any edge worker. `hidden`: under root they see their program, Node, the system's
 * libraries and edge.sock, nothing else.
 */
export function edgeProgram(options: {
	readonly node: string;
	readonly run: string;
	readonly hidden: boolean;
}): Fields {
	const { node, run, hidden } = options;
	const extension = extname(import.meta.filename);
	const root = join(import.meta.dirname, '..');
	const socket = join(run, 'edge.sock');
	const program = PROGRAM.map((path) => join(root, path)).map((path) =>
		existsSync(path) ? path : `${path}${extension}`,
	);
	// Node looks for it above a module, to learn that modules are ESM: beside the folders in a clone, above `dist` in a package.
	const manifests = [join(root, 'package.json'), join(root, '..', 'package.json')];
	const packages = packageFolder('lru-cache', root) ?? [];
	const seen = [...SYSTEM, dirname(node), ...program, ...manifests, packages, socket]
		.flat()
		.filter((path) => existsSync(path));
	return {
		cwd: '/',
		activation: 'port',
		arg: [node, join(root, 'proxy', `main${extension}`), socket],
		env: ENVIRONMENT,
		...(hidden ? { veil: '/', reveal: seen } : {}),
	};
}

/**
 * Where Node looks for a package from a folder of ours (the node_modules above it), which may be a link, as pnpm makes: the edge sees
 * it by that path. Undefined where it is not installed.
 */
export function packageFolder(name: string, from: string): string | undefined {
	const path = join(from, 'node_modules', name);
	if (existsSync(path)) return path;
	return from === '/' ? undefined : packageFolder(name, dirname(from));
}
