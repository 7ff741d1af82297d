import { catalogue, catalogueLines } from '../../../bench/peers/catalogue.ts';

test('what is there is told with its version, what is missing with the command that gets it, in columns', async () => {
	const tool = (name: string, version: string | undefined) => ({
		name,
		install: `get ${name}`,
		version: async () => version,
	});
	const lines = await catalogueLines([
		{ tool: tool('wrk', '4.1.0'), bench: 'throughput' },
		{ tool: tool('xinetd', undefined), bench: 'cold' },
	]);
	expect(lines.map((line) => line.trimEnd())).toEqual([
		'wrk     throughput  4.1.0',
		'xinetd  cold        missing: get xinetd',
	]);
});

test('every tool of the bench is named once', () => {
	const names = catalogue.map(({ tool }) => tool.name);
	expect(new Set(names).size).toBe(names.length);
});
