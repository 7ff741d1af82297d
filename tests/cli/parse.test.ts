import { parseCommandLine } from '../../cli/parse.ts';
import { innkeeper } from './innkeeper.ts';

describe('a command line', () => {
	test('may have its options before the command, after it, and behind the argument', () => {
		const call = {
			command: 'logs',
			argument: 'hello',
			names: [],
			control: '/c',
			config: undefined,
			state: undefined,
			owner: undefined,
			rollback: false,
			sort: undefined,
			limit: undefined,
			json: false,
			all: false,
			watch: false,
			follow: true,
			defaults: false,
			lines: 7,
		};
		expect(parseCommandLine(['--control', '/c', 'logs', '-f', 'hello', '-n7'])).toEqual(call);
		expect(parseCommandLine(['logs', 'hello', '--control=/c', '--follow', '--lines', '7'])).toEqual(call);
	});

	test('without a command is a question for help', () => {
		expect(parseCommandLine([])).toMatchObject({ command: 'help', argument: '' });
		expect(parseCommandLine(['--help'])).toMatchObject({ command: 'help', argument: '' });
		expect(parseCommandLine(['ps', '--help'])).toMatchObject({ command: 'help', argument: 'ps' });
		expect(parseCommandLine(['status', '-h'])).toMatchObject({ command: 'help', argument: 'status' });
	});

	test('takes many names where the command does', () => {
		expect(parseCommandLine(['ps', 'a-*', '--state', 'ready', 'b'])).toMatchObject({
			names: ['a-*', 'b'],
			state: 'ready',
		});
		expect(parseCommandLine(['--version'])).toMatchObject({ command: 'version' });
	});

	test.each([
		[['pss'], 'there is no command pss; did you mean ps?'],
		[['frobnicate'], 'there is no command frobnicate'],
		[['ps', '--frob'], 'there is no option --frob'],
		[['ps', '--jsn'], 'there is no option --jsn; did you mean --json?'],
		[['ps', '-x'], 'there is no option -x'],
		[['ps', '--json=yes'], '--json takes no value'],
		[['ps', '--state', 'redy'], '--state: there is no STATE redy; did you mean ready?'],
		[['ps', '--sort', 'colour'], '--sort: there is no KEY colour'],
		[['ps', '--limit', '-1'], '--limit needs a value: N'],
		[['ps', '--limit=-1'], '--limit is a whole number of at most six digits'],
		[['ps', '--follow'], 'ps takes no --follow'],
		[['reload', 'hello'], 'reload does not know what to do with hello'],
		[['status'], 'status needs a TENANT'],
		[['status', 'a', 'b'], 'status does not know what to do with b'],
		[['ps', '--control'], '--control needs a value: PATH'],
		[['ps', '--control', '--json'], '--control needs a value: PATH'],
		[['logs', 'hello', '-n', 'many'], '--lines is a whole number of at most six digits'],
	])('%j is refused: %s', (argv, message) => {
		expect(() => parseCommandLine(argv)).toThrow(expect.objectContaining({ message, status: 2 }));
	});

	test('that is wrong exits with 2, says what is wrong on stderr and where to read on, and nothing on stdout', async () => {
		expect(await innkeeper(['ps', '--frob'])).toEqual({
			stdout: '',
			stderr: 'innkeeper: there is no option --frob\n  see: innkeeper help',
			exitCode: 2,
		});
	});
});
