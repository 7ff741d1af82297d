import { plainText } from '../launcher/protocol/plaintext.ts';

/** A cell of a table: its text, which may be anybody's words, and, for a terminal, its colour. */
export interface Cell {
	readonly text: string;
	readonly colour?: Colour;
	/** Figures stand at the right of their column. */
	readonly right?: boolean;
}

/** SGR parameters (ECMA-48 §8.3.117). */
const colourCodes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;

export type Colour = keyof typeof colourCodes;

/** The text in a colour; unchanged where colours are off. */
export function paint(text: string, colour: Colour | undefined, colours: boolean): string {
	return colours && colour !== undefined ? `\x1b[${colourCodes[colour]}m${text}\x1b[0m` : text;
}

/**
 * Aligned columns, two spaces apart, a line a row; no space at a line's end. `widths` are those of the rows that were printed
 * before, and grow with these.
 */
export function renderTable(given: readonly (readonly Cell[])[], colours: boolean, widths: number[] = []): string {
	const rows = given.map((row) => row.map((cell): Cell => ({ ...cell, text: plainText(cell.text) })));
	for (const row of rows) {
		for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.text.length);
	}
	const line = (row: readonly Cell[]): string =>
		row
			.map((cell, column) => {
				const gap = ' '.repeat((widths[column] ?? 0) - cell.text.length);
				const text = paint(cell.text, cell.colour, colours);
				if (cell.right) return gap + text;
				return column === row.length - 1 ? text : text + gap;
			})
			.join('  ');
	return rows.map((row) => `${line(row)}\n`).join('');
}

/** How a state is coloured, in tables and sentences alike. */
export function stateColour(state: string): Colour | undefined {
	if (state === 'ready') return 'green';
	if (state === 'failed') return 'red';
	if (state === 'stopped') return 'dim';
	return 'yellow';
}
