import { generators } from '../load/generators.ts';
import { proxies } from './proxies/proxies.ts';
import type { Tool } from './tool.ts';
import { wakerKinds } from './wakers/all.ts';

/** A tool and the benches that use it. */
export interface Entry {
	readonly tool: Tool;
	readonly bench: string;
}

/** All that the bench can use beside Node and a C compiler. */
export const catalogue: readonly Entry[] = [
	...generators.map((tool) => ({ tool, bench: 'throughput' })),
	...proxies.flatMap(({ tool }) => (tool === undefined ? [] : [{ tool, bench: 'throughput' }])),
	...coldTools().map((tool) => ({ tool, bench: 'cold' })),
];

/** Each once, and without those that the benches before use. */
function coldTools(): Tool[] {
	const tools = new Map(wakerKinds.flatMap((kind) => kind.tools).map((tool) => [tool.name, tool]));
	tools.delete('nginx');
	return [...tools.values()];
}

/** The lines of `npm run bench -- peers`: name, bench, and the version or the command that installs it. */
export async function catalogueLines(entries: readonly Entry[]): Promise<string[]> {
	const rows = await Promise.all(
		entries.map(async ({ tool, bench }) => {
			const version = await tool.version();
			return [tool.name, bench, version ?? `missing: ${tool.install}`] as const;
		}),
	);
	const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
	return rows.map((row) => row.map((word, column) => word.padEnd(widths[column] ?? 0)).join('  '));
}
