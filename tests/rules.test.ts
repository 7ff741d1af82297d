import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

const project = resolve(import.meta.dirname, '..');
const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
	dependencies: Record<string, string>;
};

/** The product's folders from the top down: a later one may be imported by an earlier one, never the reverse. */
const layers = ['cli', 'proxy', 'launcher', 'tenants', 'config'];

interface Source {
	/** From the project's folder. */
	readonly path: string;
	readonly text: string;
	/** Files of the project, from its folder. */
	readonly imports: readonly string[];
	/** Names of packages and of Node's modules. */
	readonly packages: readonly string[];
}

const sources = layers.flatMap((layer) => filesBelow(layer).filter(isTypeScript).map(readSource));

/** Who may import what, and why not more. */
const importRules: readonly { rule: string; reason: string; allowed(from: string, to: string): boolean }[] = [
	{
		rule: 'imports go down the layers',
		reason: 'what is below can be understood, tested and changed without what is above',
		allowed: (from, to) => layers.indexOf(layerOf(from)) <= layers.indexOf(layerOf(to)),
	},
	{
		rule: 'the command imports nothing of the edge',
		reason: 'they are different programs',
		allowed: (from, to) => !(layerOf(from) === 'cli' && layerOf(to) === 'proxy'),
	},
	{
		rule: 'the command knows the launcher by its control protocol alone',
		reason: 'it must work with a running server, not with its objects',
		allowed: (from, to) =>
			!(layerOf(from) === 'cli' && layerOf(to) === 'launcher') || to.startsWith('launcher/protocol/'),
	},
	{
		rule: 'the edge knows the launcher by its lease client and protocols alone',
		reason: 'it is unprivileged and parses hostile bytes: nothing privileged may be in its reach',
		allowed: (from, to) =>
			!(layerOf(from) === 'proxy' && layerOf(to) === 'launcher') ||
			to.startsWith('launcher/protocol/') ||
			to === 'launcher/leaseclient.ts',
	},
	{
		rule: 'the edge knows of tenants what their types and ids say',
		reason: 'the launcher alone reads tenant files: they hold secrets',
		allowed: (from, to) =>
			!(layerOf(from) === 'proxy' && layerOf(to) === 'tenants') || ['tenants/tenant.ts', 'tenants/ids.ts'].includes(to),
	},
	{
		rule: 'a main file is imported by nobody',
		reason: 'loading it runs the program',
		allowed: (_, to) => basename(to) !== 'main.ts',
	},
];

test.each(importRules)('$rule, for $reason', ({ allowed }) => {
	const broken = sources.flatMap(({ path, imports }) =>
		imports.filter((to) => !allowed(path, to)).map((to) => `${path} imports ${to}`),
	);
	expect(broken).toEqual([]);
});

test('every relative import names a file that is there, with its ending, for Node resolves nothing else', () => {
	const missing = sources.flatMap(({ path, imports }) =>
		imports.filter((to) => !existsSync(join(project, to)) || !/\.ts$/.test(to)).map((to) => `${path} imports ${to}`),
	);
	expect(missing).toEqual([]);
});

test('the product imports Node and its own dependencies alone, for an installed package has no others', () => {
	const known = (name: string): boolean => name.startsWith('node:') || Object.hasOwn(dependencies, name);
	const foreign = sources.flatMap(({ path, packages }) =>
		packages.filter((name) => !known(name)).map((name) => `${path} imports ${name}`),
	);
	expect(foreign).toEqual([]);
});

test('imports make no circle, for a circle can only be understood all at once', () => {
	const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]));
	const done = new Set<string>();
	const circles: string[] = [];
	const visit = (path: string, trail: readonly string[]): void => {
		if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
		else if (!done.has(path)) for (const next of importsOf.get(path) ?? []) visit(next, [...trail, path]);
		done.add(path);
	};
	for (const { path } of sources) visit(path, []);
	expect(circles).toEqual([]);
});

test('no file is a barrel, for an import names the file that defines a thing', () => {
	const barrels = sources.filter(
		({ path, text }) => basename(path) === 'index.ts' || /^export\s+(type\s+)?(\*|\{[^}]*\})\s+from/m.test(text),
	);
	expect(barrels.map(({ path }) => path)).toEqual([]);
});

test('no file or folder is named for having no idea', () => {
	const nameless = /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\.|\/|$)/;
	expect([...layers, 'bench', 'tests'].flatMap(filesBelow).filter((path) => nameless.test(path))).toEqual([]);
});

test('only main files read argv and the environment, for what is passed in can be tested', () => {
	const readers = sources.filter(
		({ path, text }) => basename(path) !== 'main.ts' && /\bprocess\.(env|argv)\b/.test(text),
	);
	expect(readers.map(({ path }) => path)).toEqual([]);
});

test('every folder has a README, for a newcomer begins there', () => {
	const folders = new Set(layers.flatMap((layer) => [layer, ...filesBelow(layer).map(dirname)]));
	for (const folder of folders) if (folder.startsWith('tenants/examples/')) folders.delete(folder);
	const bare = [...folders, 'bench', 'docs', 'tests'].filter(
		(folder) => !existsSync(join(project, folder, 'README.md')),
	);
	expect(bare).toEqual([]);
});

test('the keeper has at most 2,500 lines of code, for it is privileged and must be audited in an afternoon', () => {
	const files = filesBelow('launcher/native').filter((path) => /\.[ch]$/.test(path));
	const lines = files.flatMap((path) => linesOfCode(readFileSync(join(project, path), 'utf8')));
	expect(files).not.toEqual([]);
	expect(lines.length).toBeLessThanOrEqual(2500);
});

/** The lines of a C file as cloc counts them: neither blank ones, nor those that hold a comment alone. */
function linesOfCode(text: string): string[] {
	const bare = text.replaceAll(/\/\*.*?\*\//gs, (comment) => comment.replaceAll(/[^\n]/g, ''));
	return bare.split('\n').filter((line) => line.trim() !== '');
}

test('counting the keeper leaves out blank and comment lines, and nothing else', () => {
	expect(linesOfCode('/* a\n\n * b */\n\nint a; /* why */\n\t/* c */\n\treturn; /* d\n */ e();\n')).toHaveLength(3);
});

describe('package-lock.json', () => {
	const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
	};

	test('names what other platforms install, for `npm ci` refuses a lockfile that leaves it out', () => {
		const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
			Object.keys(optionalDependencies),
		);
		const named = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
		expect(wanted.filter((name) => !named.has(name))).toEqual([]);
	});

	test('names no registry, for everybody has their own', () => {
		expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
	});
});

function layerOf(path: string): string {
	return path.split('/')[0] ?? '';
}

function isTypeScript(path: string): boolean {
	return path.endsWith('.ts');
}

function filesBelow(folder: string): string[] {
	return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(project, join(entry.parentPath, entry.name)))
		.filter((path) => !path.includes('/node_modules/'));
}

function readSource(path: string): Source {
	const text = readFileSync(join(project, path), 'utf8');
	const specifiers = [
		...text.matchAll(/^(?:import|export)\b[^;'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm),
	].map(([, named, dynamic, bare]) => named ?? dynamic ?? bare ?? '');
	return {
		path,
		text,
		imports: specifiers.filter((to) => to.startsWith('.')).map((to) => join(dirname(path), to)),
		packages: specifiers
			.filter((to) => !to.startsWith('.'))
			.map((to) =>
				to.startsWith('node:')
					? to
					: to
							.split('/')
							.slice(0, to.startsWith('@') ? 2 : 1)
							.join('/'),
			),
	};
}
