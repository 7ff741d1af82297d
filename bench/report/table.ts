import { type Figure, isMet } from '../figure.ts';
import { budgetText, number, valueText } from './number.ts';
import { type Paint, plain } from './paint.ts';

/** Of the terminals that the tables are made for, in characters. */
export const WIDTH = 100;

const NAME_WIDTH = 42;
const VALUE_WIDTH = 19;
const FLOOR_WIDTH = 8;
const BUDGET_WIDTH = 12;
const NOTE_WIDTH = 92;
const INDENT = '    ';
/** Between two columns. */
const GAP = '  ';

const verdicts = { true: 'met', false: 'MISSED', undefined: '' } as const;

/** The line above the figures of one workload, with the heads of the columns. */
export function groupLine({ group }: Figure, paint: Paint = plain): string {
	const heads = ['median ± 95 %'.padStart(VALUE_WIDTH), '/ floor'.padStart(FLOOR_WIDTH), 'budget'].join(GAP);
	const name = `  ${group}`;
	if (name.length > INDENT.length + NAME_WIDTH) return `${paint('head', name)}`;
	return `${paint('head', name)}${' '.repeat(INDENT.length + NAME_WIDTH - name.length)}${GAP}${paint('aside', heads)}`;
}

/** A figure for people: whose, what, value, times its floor, budget and whether it is met; its note in a line below. */
export function figureLine(figure: Figure, paint: Paint = plain): string {
	const { subject, measure, unit, budget, overFloor, note } = figure;
	const met = isMet(figure);
	const verdict = met === undefined ? '' : paint(met ? 'good' : 'bad', verdicts[`${met}`]);
	const columns = [
		valueText(figure).padStart(VALUE_WIDTH),
		(overFloor === undefined ? '' : `${number(overFloor.value)} ×`).padStart(FLOOR_WIDTH),
		(budget === undefined ? '' : budgetText(budget, unit)).padEnd(BUDGET_WIDTH),
		verdict,
	].join(GAP);
	const name = `${subject} · ${measure}`;
	const start = name.length > NAME_WIDTH ? `${name}\n${INDENT}${' '.repeat(NAME_WIDTH)}` : name.padEnd(NAME_WIDTH);
	const notes = note === undefined ? [] : wrap(note, NOTE_WIDTH).map((line) => paint('aside', `${INDENT}  ${line}`));
	return [`${INDENT}${start}${GAP}${columns}`.trimEnd(), ...notes].join('\n');
}

/** The closing lines: how many budgets were met, then a line each for what was missed or not measured. */
export function summaryLines(figures: readonly Figure[], paint: Paint = plain): string[] {
	const judged = figures.filter((figure) => isMet(figure) !== undefined);
	const missed = judged.filter((figure) => isMet(figure) === false);
	const unmeasured = figures.filter((figure) => figure.value === undefined);
	return [
		paint('head', `${judged.length - missed.length} of ${judged.length} budgets met`),
		...missed.map((figure) => item(paint('bad', 'missed'), figure)),
		...unmeasured.map((figure) => item('not measured', figure)),
	];
}

function item(what: string, figure: Figure): string {
	const [first = '', ...more] = wrap(inWords(figure), WIDTH - 'not measured  '.length);
	return [`${what}  ${first}`, ...more.map((line) => `${INDENT}${line}`)].join('\n');
}

/** The text in lines of at most so many characters, broken between words where they are short enough. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	for (const word of text.split(/\s+/)) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}

function inWords(figure: Figure): string {
	const { bench, group, subject, measure, budget, unit, note } = figure;
	const name = `${bench}: ${group}, ${subject}, ${measure}`;
	if (figure.value === undefined) return note === undefined ? name : `${name} (${note})`;
	return budget === undefined ? name : `${name}: ${valueText(figure)}, not ${budgetText(budget, unit)}`;
}
