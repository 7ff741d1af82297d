import { type Command, commandNames, commandTable, type Option, optionTable } from './commands.ts';
import type { Context } from './context.ts';
import { usageFailure } from './failure.ts';
import type { Call } from './parse.ts';

/** `innkeeper completion SHELL`: a script that completes commands, options, and the names of the running server's tenants. */
export async function run(call: Call, context: Context): Promise<number> {
	const script = scripts[call.argument];
	if (script === undefined)
		throw usageFailure(`there is no completion for ${call.argument}, but for bash, zsh and fish`, 'completion');
	context.out.write(script());
	return 0;
}

const scripts: Readonly<Record<string, () => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Prints the names of the running server's tenants, and nothing where there is none. */
const TENANTS = 'innkeeper list 2>/dev/null';

const takesTenant = commandNames.filter((name) => ['TENANT', '[NAME…]'].includes(commandTable[name].argument ?? ''));

/** Options whose value is one of a few words. */
const wordCases = Object.entries(optionTable).flatMap(([name, { words }]: [string, Option]): [string, string][] =>
	words === undefined ? [] : [[name, words.join(' ')]],
);

function optionsOf(command: Command): string {
	return [...command.options, 'help'].map((option) => `--${option}`).join(' ');
}

function bashScript(): string {
	const cases = commandNames.map((name) => `\t${name}) words='${optionsOf(commandTable[name])}' ;;`);
	return `# innkeeper: completion for bash
_innkeeper() {
	local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} words=
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W '${commandNames.join(' ')} --version' -- "$word"))
		return
	fi
	case $previous in
	--config | --control)
		COMPREPLY=($(compgen -f -- "$word"))
		return
		;;
${wordCases.map(([name, words]) => `	--${name})\n\t\tCOMPREPLY=($(compgen -W '${words}' -- "$word"))\n\t\treturn\n\t\t;;`).join('\n')}
	esac
	case $command in
${cases.join('\n')}
	esac
	case $command in
	${takesTenant.join(' | ')}) words="$words $(${TENANTS})" ;;
	completion) words="$words bash zsh fish" ;;
	help) words="$words ${commandNames.join(' ')}" ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o filenames -F _innkeeper innkeeper
`;
}

function zshScript(): string {
	const commands = commandNames.map((name) => `\t\t'${name}:${zshText(commandTable[name].summary)}'`);
	const cases = commandNames.map((name) => `\t${name}) options=(${optionsOf(commandTable[name])}) ;;`);
	return `#compdef innkeeper
# innkeeper: completion for zsh
_innkeeper() {
	local -a commands options
	commands=(
${commands.join('\n')}
	)
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	case $words[CURRENT-1] in
	--config|--control) _files; return ;;
${wordCases.map(([name, words]) => `\t--${name}) options=(${words}); compadd -a options; return ;;`).join('\n')}
	esac
	case $words[2] in
${cases.join('\n')}
	esac
	case $words[2] in
	${takesTenant.join('|')}) options+=(\${(f)"$(${TENANTS})"}) ;;
	completion) options+=(bash zsh fish) ;;
	help) options+=(${commandNames.join(' ')}) ;;
	esac
	compadd -a options
}
compdef _innkeeper innkeeper
`;
}

function zshText(text: string): string {
	return text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
}

function fishScript(): string {
	const lines = ['# innkeeper: completion for fish', 'complete -c innkeeper -f'];
	for (const name of commandNames) {
		const command = commandTable[name];
		lines.push(`complete -c innkeeper -n __fish_use_subcommand -a ${name} -d ${fishText(command.summary)}`);
		for (const option of command.options) lines.push(fishOption(name, option, optionTable[option]));
	}
	lines.push(
		`complete -c innkeeper -n '__fish_seen_subcommand_from ${takesTenant.join(' ')}' -a ${fishText(`(${TENANTS})`)}`,
	);
	lines.push("complete -c innkeeper -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'");
	lines.push(`complete -c innkeeper -n '__fish_seen_subcommand_from help' -a '${commandNames.join(' ')}'`);
	return `${lines.join('\n')}\n`;
}

function fishOption(command: string, name: string, option: Option): string {
	const short = option.short === undefined ? '' : ` -s ${option.short}`;
	const files = option.value === 'PATH' || option.value === 'FILE' ? ' -r -F' : option.value === undefined ? '' : ' -x';
	const words = option.words === undefined ? '' : ` -a '${option.words.join(' ')}'`;
	return `complete -c innkeeper -n '__fish_seen_subcommand_from ${command}' -l ${name}${short}${files}${words} -d ${fishText(option.summary)}`;
}

function fishText(text: string): string {
	return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
