import { sortKeys, tenantStates } from '../launcher/protocol/control.ts';

/** Every command as a table: the parser, the help, the completion scripts and the test of docs/commands.md go by it. */

export interface Command {
	/** One line, without a full stop. */
	readonly summary: string;
	/** What stands after the name; in brackets where it may be left out. */
	readonly argument?: 'TENANT' | 'PID' | 'SHELL' | '[COMMAND]' | '[NAME…]';
	readonly options: readonly OptionName[];
	/** Further lines of the command's help. */
	readonly details: readonly string[];
}

export interface Option {
	readonly summary: string;
	/** What follows it; absent: nothing does. */
	readonly value?: 'PATH' | 'FILE' | 'N' | 'STATE' | 'OWNER' | 'KEY';
	/** What the value has to be, where only so many words are good. */
	readonly words?: readonly string[];
	readonly short?: string;
}

export type OptionName =
	| 'config'
	| 'control'
	| 'json'
	| 'all'
	| 'state'
	| 'owner'
	| 'sort'
	| 'limit'
	| 'watch'
	| 'follow'
	| 'lines'
	| 'rollback'
	| 'defaults'
	| 'help'
	| 'version';

export const optionTable: Readonly<Record<OptionName, Option>> = {
	config: { summary: "the server's config file", value: 'FILE' },
	control: { summary: "the running server's control socket", value: 'PATH' },
	json: { summary: 'print one JSON document' },
	all: { summary: 'those that are asleep, too', short: 'a' },
	state: { summary: 'those alone that are in that state', value: 'STATE', words: tenantStates },
	owner: { summary: "those alone that are that owner's", value: 'OWNER' },
	sort: { summary: `in the order of ${sortKeys.join(', ')}`, value: 'KEY', words: sortKeys },
	limit: { summary: 'at most so many', value: 'N' },
	watch: { summary: 'again every two seconds, until it is interrupted', short: 'w' },
	follow: { summary: 'go on with what comes', short: 'f' },
	lines: { summary: 'how many of the last lines first (default 100)', value: 'N', short: 'n' },
	rollback: { summary: 'where it does not get ready, put back the file with which it last was' },
	defaults: { summary: 'print every key with its default' },
	help: { summary: 'help on a command', short: 'h' },
	version: { summary: 'the version' },
};

/** Those of a command that speaks to the running server. */
const speaking: readonly OptionName[] = ['control', 'config'];

export type CommandName =
	| 'serve'
	| 'check'
	| 'ps'
	| 'list'
	| 'status'
	| 'whois'
	| 'wake'
	| 'stop'
	| 'restart'
	| 'reload'
	| 'explain'
	| 'logs'
	| 'config'
	| 'completion'
	| 'version'
	| 'help';

export const commandTable: Readonly<Record<CommandName, Command>> = {
	serve: {
		summary: 'open the front door',
		options: ['config'],
		details: [
			'Prints `innkeeper: ready` when every listener is open. SIGTERM and SIGINT drain and end it, SIGHUP reloads.',
			'INNKEEPER_HTTP=ADDRESS:PORT in the environment takes the place of listen.http.',
		],
	},
	check: {
		summary: 'read the config and every tenant file and tell what is wrong',
		options: ['config'],
		details: [
			'Each fault stands on a line of its own: FILE:LINE:COLUMN: KEY: what is wrong. Exit status 1 if there is any.',
			'What keys there are, with an example each: docs/tenant-file.md and docs/config-file.md.',
		],
	},
	ps: {
		summary: 'show who is awake, and what that costs',
		argument: '[NAME…]',
		options: [...speaking, 'all', 'state', 'owner', 'sort', 'limit', 'watch', 'json'],
		details: [
			'Who is asleep is only counted, unless asked for by name, --state, --all or --json. In a NAME, * stands for any letters.',
			'MEMORY and CPU are those of the live instance, SINCE the age of the state, CONN the visitors’ connections.',
		],
	},
	list: {
		summary: 'print the names of all tenants',
		argument: '[NAME…]',
		options: speaking,
		details: ['One a line, in the order of their files. In a NAME, * stands for any letters and ? for one.'],
	},
	status: {
		summary: 'tell all that is known of a tenant',
		argument: 'TENANT',
		options: [...speaking, 'json'],
		details: [],
	},
	whois: {
		summary: 'tell which tenant a process belongs to',
		argument: 'PID',
		options: [...speaking, 'json'],
		details: ['Exit status 1 where it belongs to none.'],
	},
	wake: {
		summary: 'start a tenant and wait until it is ready',
		argument: 'TENANT',
		options: speaking,
		details: [],
	},
	stop: {
		summary: 'drain a tenant and put it to sleep',
		argument: 'TENANT',
		options: speaking,
		details: ['The next visitor wakes it again; `keep: down` in its file keeps it asleep.'],
	},
	restart: {
		summary: 'start a tenant anew, with its file as it is now',
		argument: 'TENANT',
		options: [...speaking, 'rollback'],
		details: [
			'Where two may run at once (`overlap` in its file), the new one takes over once it is ready, and no visitor waits;',
			'where it does not get ready, the old one stays. Else the old one is stopped first.',
			'With --rollback, a file with which it does not get ready is set aside as tenant.yaml.rejected, and the last good one put back.',
		],
	},
	reload: {
		summary: 'read the config and the tenant files again',
		options: speaking,
		details: ['What is wrong is told and stays as it was; what is good comes into force.'],
	},
	explain: {
		summary: 'tell why a tenant is awake or asleep, and what comes next',
		argument: 'TENANT',
		options: [...speaking, 'json'],
		details: [],
	},
	logs: {
		summary: 'print what a tenant wrote to its stdout and stderr',
		argument: 'TENANT',
		options: [...speaking, 'follow', 'lines'],
		details: [],
	},
	config: {
		summary: 'print every key of the config file with its default',
		options: ['defaults'],
		details: ['Each with an example: docs/config-file.md.'],
	},
	completion: {
		summary: 'print a completion script for bash, zsh or fish',
		argument: 'SHELL',
		options: [],
		details: [
			'bash:  source <(innkeeper completion bash)',
			'zsh:   source <(innkeeper completion zsh)',
			'fish:  innkeeper completion fish | source',
		],
	},
	version: { summary: 'print the version', options: [], details: [] },
	help: { summary: 'this list, or help on a command', argument: '[COMMAND]', options: [], details: [] },
};

/** The names in the order in which the help lists them. */
export const commandNames: readonly CommandName[] = Object.keys(commandTable) as CommandName[];

/** True for the name of a command. */
export function isCommand(name: string): name is CommandName {
	return Object.hasOwn(commandTable, name);
}
