import { setTimeout as pause } from 'node:timers/promises';
import type { Selection, Shown, SortKey, TenantRow } from '../launcher/protocol/control.ts';
import type { Context } from './context.ts';
import { ask } from './control.ts';
import { usageFailure } from './failure.ts';
import { bytes, span } from './figures.ts';
import { JsonList } from './jsonlist.ts';
import type { Call } from './parse.ts';
import { type Cell, renderTable, stateColour } from './table.ts';
import { controlPath } from './where.ts';

/** From one look to the next of --watch, in ms. */
const WATCH_EVERY = 2000;
/** So many rows say how wide the columns are; later ones go by these. */
const ROWS_FOR_WIDTHS = 1000;
/** So many of the later ones are printed in one go: few enough to leave the memory before V8 takes them for lasting. */
const ROWS_AT_ONCE = 50;
/** Cursor to the top and everything erased (ECMA-48 §8.3.21, §8.3.39). */
const CLEAR = '\x1b[H\x1b[2J';

/** `innkeeper ps`: a row for each tenant that is selected, as they come; who is asleep is counted on stderr. */
export async function run(call: Call, context: Context): Promise<number> {
	if (call.watch && call.json) throw usageFailure('--watch is for people, --json for programs', 'ps');
	const path = await controlPath(call, context);
	const selection = selectionOf(call);
	if (call.json) await printRows(path, selection, context);
	else await printTable(path, selection, context);
	while (call.watch) {
		await pause(WATCH_EVERY);
		context.out.write(context.out.colours ? CLEAR : '\n');
		await printTable(path, selection, context);
	}
	return 0;
}

function selectionOf({ all, names, state, owner, sort, limit, json }: Call): Selection {
	const awake = !all && !json && names.length === 0 && state === undefined;
	// Few enough to be sorted for people, who read them.
	const order = sort ?? (awake ? 'id' : undefined);
	return {
		...(awake && { awake }),
		...(names.length > 0 && { names }),
		...(state !== undefined && { states: [state] }),
		...(owner !== undefined && { owner }),
		...(order !== undefined && { sort: order as SortKey }),
		...(limit !== undefined && { limit }),
	};
}

async function printRows(path: string, selection: Selection, context: Context): Promise<void> {
	const list = new JsonList(context.out);
	await ask(path, { verb: 'ps', ...selection }, { row: (row) => list.add(row) });
	list.end();
}

async function printTable(path: string, selection: Selection, context: Context): Promise<void> {
	const widths: number[] = [];
	let rows = [heading];
	const print = (): void => {
		context.out.write(renderTable(rows, context.out.colours, widths));
		rows = [];
	};
	const shown = (await ask(
		path,
		{ verb: 'ps', ...selection },
		{
			row: (row) => {
				rows.push(cellsOf(row as TenantRow, context.now()));
				if (rows.length >= (widths.length === 0 ? ROWS_FOR_WIDTHS : ROWS_AT_ONCE)) print();
			},
		},
	)) as Shown;
	print();
	if (shown.asleep > 0) context.err.write(`${shown.asleep} asleep; innkeeper ps --all shows them\n`);
	if (shown.more > 0) context.err.write(`${shown.more} more than --limit\n`);
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
