import type { TenantRow } from '../launcher/protocol/control.ts';
import { type Context, printJson } from './context.ts';
import { ask } from './control.ts';
import { bytes, span } from './figures.ts';
import type { Call } from './parse.ts';
import { type Cell, renderTable, stateColour } from './table.ts';
import { controlPath } from './where.ts';

/** `innkeeper ps`: the tenants, a row each, by id. */
export async function run(call: Call, context: Context): Promise<number> {
	const rows = (await ask(await controlPath(call, context), { verb: 'ps' })) as TenantRow[];
	if (call.json) printJson(context, rows);
	else
		context.out.write(renderTable([heading, ...rows.map((row) => cellsOf(row, context.now()))], context.out.colours));
	return 0;
}

const heading: Cell[] = [
	{ text: 'ID', colour: 'bold', right: true },
	{ text: 'NAME', colour: 'bold' },
	{ text: 'STATE', colour: 'bold' },
	...['PIDS', 'MEMORY', 'CPU', 'LEASES', 'CONN', 'SINCE', 'WAKES'].map(
		(text): Cell => ({ text, colour: 'bold', right: true }),
	),
];

function cellsOf(row: TenantRow, now: number): Cell[] {
	const figures = [
		row.pids.length,
		bytes(row.memory),
		row.pids.length === 0 ? '-' : span(row.cpuMs),
		row.leases,
		row.connections,
		span(Math.max(0, now - Date.parse(row.since))),
		row.wakes,
	];
	return [
		{ text: String(row.id), right: true },
		{ text: row.name },
		{ text: row.state, ...colourOf(row.state) },
		...figures.map((figure): Cell => ({ text: String(figure), right: true })),
	];
}

function colourOf(state: string): Pick<Cell, 'colour'> {
	const colour = stateColour(state);
	return colour === undefined ? {} : { colour };
}
