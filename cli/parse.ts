import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { type CommandName, commandNames, commandTable, isCommand, type OptionName, optionTable } from './commands.ts';
import { usageFailure } from './failure.ts';

/** A command line, understood. */
export interface Call {
	readonly command: CommandName;
	/** What the command is about; empty where it takes no argument, or many. */
	readonly argument: string;
	/** With commands that take many names. */
	readonly names: readonly string[];
	readonly config: string | undefined;
	readonly control: string | undefined;
	readonly state: string | undefined;
	readonly owner: string | undefined;
	readonly sort: string | undefined;
	readonly limit: number | undefined;
	readonly json: boolean;
	readonly all: boolean;
	readonly watch: boolean;
	readonly follow: boolean;
	readonly defaults: boolean;
	readonly rollback: boolean;
	readonly lines: number;
}

const DEFAULT_LINES = 100;

/** Understands argv without the program's name. Throws a Failure of status 2 where it cannot. */
export function parseCommandLine(argv: readonly string[]): Call {
	const { values, words } = readOptions(argv);
	const [name, ...rest] = words;
	if (values.has('version')) return callOf('version', [], new Map());
	if (name === undefined) return callOf('help', [], new Map());
	if (!isCommand(name)) throw noSuchCommand(name);
	if (values.has('help')) return callOf('help', [name], new Map());
	for (const option of values.keys()) {
		if (!commandTable[name].options.includes(option)) throw usageFailure(`${name} takes no --${option}`, name);
	}
	return callOf(name, rest, values);
}

/** The name is no command's; the nearest one is named. */
export function noSuchCommand(name: string): Error {
	return usageFailure(`there is no command ${name}${suggestion(name, commandNames)}`);
}

/** The value of each option that is there; empty for those that take none. */
type Values = ReadonlyMap<OptionName, string>;

function readOptions(argv: readonly string[]): { values: Values; words: string[] } {
	const options: ParseArgsOptionsConfig = {};
	for (const [name, { value, short }] of Object.entries(optionTable)) {
		options[name] = { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) };
	}
	// Not strict: what is wrong is told in words of ours.
	const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
	const values = new Map<OptionName, string>();
	const words: string[] = [];
	for (const token of tokens) {
		if (token.kind === 'positional') words.push(token.value);
		if (token.kind === 'option') values.set(...readOption(token));
	}
	return { values, words };
}

interface OptionToken {
	readonly name: string;
	readonly rawName: string;
	readonly value: string | undefined;
	readonly inlineValue: boolean | undefined;
}

function readOption({ name, rawName, value, inlineValue }: OptionToken): [OptionName, string] {
	if (!isOption(name)) {
		const long = Object.keys(optionTable).map((known) => `--${known}`);
		throw usageFailure(`there is no option ${rawName}${suggestion(rawName, long)}`);
	}
	const { value: kind, words } = optionTable[name];
	if (kind === undefined) {
		if (value !== undefined) throw usageFailure(`--${name} takes no value`);
		return [name, ''];
	}
	if (value === undefined || (inlineValue !== true && /^-./.test(value)))
		throw usageFailure(`--${name} needs a value: ${kind}`);
	if (words !== undefined && !words.includes(value))
		throw usageFailure(`--${name}: there is no ${kind} ${value}${suggestion(value, words)}`);
	return [name, value];
}

function isOption(name: string): name is OptionName {
	return Object.hasOwn(optionTable, name);
}

function suggestion(word: string, known: readonly string[]): string {
	const meant = nearest(word, known);
	return meant === undefined ? '' : `; did you mean ${meant}?`;
}

function callOf(command: CommandName, given: readonly string[], values: Values): Call {
	const { argument } = commandTable[command];
	const many = argument === '[NAME…]';
	const surplus = many ? undefined : given[argument === undefined ? 0 : 1];
	if (surplus !== undefined) throw usageFailure(`${command} does not know what to do with ${surplus}`, command);
	const [first = ''] = given;
	if (first === '' && argument !== undefined && !argument.startsWith('['))
		throw usageFailure(`${command} needs a ${argument}`, command);
	return {
		command,
		argument: many ? '' : first,
		names: many ? given : [],
		config: values.get('config'),
		control: values.get('control'),
		state: values.get('state'),
		owner: values.get('owner'),
		sort: values.get('sort'),
		limit: numberOf('limit', values, command),
		json: values.has('json'),
		all: values.has('all'),
		watch: values.has('watch'),
		follow: values.has('follow'),
		rollback: values.has('rollback'),
		defaults: values.has('defaults'),
		lines: numberOf('lines', values, command) ?? DEFAULT_LINES,
	};
}

function numberOf(option: OptionName, values: Values, command: CommandName): number | undefined {
	const text = values.get(option);
	if (text === undefined) return undefined;
	if (!/^\d{1,6}$/.test(text)) throw usageFailure(`--${option} is a whole number of at most six digits`, command);
	return Number(text);
}
