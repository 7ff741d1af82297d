import { type CommandName, commandNames, commandTable, isCommand, type OptionName, optionTable } from './commands.ts';
import type { Context } from './context.ts';
import { type Call, noSuchCommand } from './parse.ts';
import { paint, renderTable } from './table.ts';

/** `innkeeper help`, `innkeeper help COMMAND`, and --help of every command. */
export async function run(call: Call, context: Context): Promise<number> {
	const { argument } = call;
	const { colours } = context.out;
	if (argument === '') context.out.write(overview(colours));
	else if (isCommand(argument)) context.out.write(commandHelp(argument, colours));
	else throw noSuchCommand(argument);
	return 0;
}

function overview(colours: boolean): string {
	const rows = commandNames.map((name) => [{ text: `  ${synopsis(name)}` }, { text: commandTable[name].summary }]);
	return [
		'innkeeper: the front door of tenants that sleep until a visitor knocks.\n\n',
		`${paint('usage', 'bold', colours)}: innkeeper COMMAND [ARGUMENT] [OPTION…]\n\n`,
		renderTable(rows, colours),
		'\ninnkeeper help COMMAND tells more; innkeeper version the version. Exit status: 0 done, 1 not done, 2 asked for wrongly.\n',
	].join('');
}

function commandHelp(name: CommandName, colours: boolean): string {
	const command = commandTable[name];
	const options = command.options.map((option) => [
		{ text: `  ${optionForm(option)}` },
		{ text: optionTable[option].summary },
	]);
	return [
		`${paint('usage', 'bold', colours)}: innkeeper ${synopsis(name)}${options.length > 0 ? ' [OPTION…]' : ''}\n\n`,
		`${name}: ${command.summary}.\n`,
		...command.details.map((line) => `${line}\n`),
		options.length > 0 ? `\n${renderTable(options, colours)}` : '',
	].join('');
}

function synopsis(name: CommandName): string {
	const { argument } = commandTable[name];
	return argument === undefined ? name : `${name} ${argument}`;
}

function optionForm(name: OptionName): string {
	const option = optionTable[name];
	const long = option.value === undefined ? `--${name}` : `--${name} ${option.value}`;
	return option.short === undefined ? long : `-${option.short}, ${long}`;
}
