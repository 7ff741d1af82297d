import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { type Command, type CommandName, commandNames, commandTable, isCommand, optionTable } from './commands.ts';
import { usageFailure } from './failure.ts';

/** A command line, understood. */
export interface Call {
	readonly command: CommandName;
	/** What the command is about; empty where it takes no argument. */
	readonly argument: string;
	readonly config: string | undefined;
	readonly control: string | undefined;
	readonly json: boolean;
	readonly follow: boolean;
	readonly defaults: boolean;
	readonly lines: number;
}

const DEFAULT_LINES = 100;

/** Understands argv without the program's name. Throws a Failure of status 2 where it cannot. */
export function parseCommandLine(argv: readonly string[]): Call | 'version' {
	const { values, positionals } = parseOptions(argv);
	const [name, ...rest] = positionals;
	if (values['version'] === true) return 'version';
	if (name === undefined) return callOf('help', '', {});
	if (!isCommand(name)) {
		const meant = nearest(name, commandNames);
		throw usageFailure(`there is no command ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
	}
	if (values['help'] === true) return callOf('help', name, {});
	for (const option of Object.keys(values)) {
		if (!takes(commandTable[name], option)) throw usageFailure(`${name} takes no --${option}`, name);
	}
	return callOf(name, argumentOf(name, rest), values);
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parseOptions(argv: readonly string[]): { values: Values; positionals: string[] } {
	const options: ParseArgsOptionsConfig = {};
	for (const [name, option] of Object.entries(optionTable)) {
		options[name] = {
			type: option.value === undefined ? 'boolean' : 'string',
			...(option.short && { short: option.short }),
		};
	}
	try {
		const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
		return { values: { ...values } as Values, positionals };
	} catch (error) {
		// Node's own words are good, but for the advice about `--` in the second sentence.
		throw usageFailure(String((error as Error).message).replace(/\. To specify.*$/s, ''));
	}
}

function takes(command: Command, option: string): boolean {
	return command.options.some((taken) => taken === option);
}

function argumentOf(name: CommandName, given: readonly string[]): string {
	const { argument } = commandTable[name];
	const [first = '', second] = given;
	const surplus = argument === undefined ? given[0] : second;
	if (surplus !== undefined) throw usageFailure(`${name} does not know what to do with ${surplus}`, name);
	if (first === '' && argument !== undefined && argument !== '[COMMAND]')
		throw usageFailure(`${name} needs a ${argument}`, name);
	return first;
}

function callOf(command: CommandName, argument: string, values: Values): Call {
	const lines = values['lines'] ?? DEFAULT_LINES;
	if (!/^\d{1,6}$/.test(String(lines))) throw usageFailure('--lines is a whole number of at most six digits', command);
	return {
		command,
		argument,
		config: values['config'] as string | undefined,
		control: values['control'] as string | undefined,
		json: values['json'] === true,
		follow: values['follow'] === true,
		defaults: values['defaults'] === true,
		lines: Number(lines),
	};
}
