import { parseCommandLine } from '../../cli/parse.ts';
import { innkeeper } from './innkeeper.ts';

describe('a command line', () => {
	test('may have its options before the command, after it, and behind the argument', () => {
		const call = {
			command: 'logs',
			argument: 'hello',
			control: '/c',
			config: undefined,
			json: false,
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

	test.each([
		[['pss'], 'there is no command pss; did you mean ps?'],
		[['frobnicate'], 'there is no command frobnicate'],
		[['ps', '--frob'], "Unknown option '--frob'"],
		[['ps', '--follow'], 'ps takes no --follow'],
		[['ps', 'hello'], 'ps does not know what to do with hello'],
		[['status'], 'status needs a TENANT'],
		[['status', 'a', 'b'], 'status does not know what to do with b'],
		[['ps', '--control'], "Option '--control <value>' argument missing"],
		[['logs', 'hello', '-n', 'many'], '--lines is a whole number of at most six digits'],
	])('%j is refused: %s', (argv, message) => {
		expect(() => parseCommandLine(argv)).toThrow(expect.objectContaining({ message, status: 2 }));
	});

	test('that is wrong exits with 2, says what is wrong on stderr and where to read on, and nothing on stdout', async () => {
		expect(await innkeeper(['ps', '--frob'])).toEqual({
			stdout: '',
			stderr: "innkeeper: Unknown option '--frob'\n  see: innkeeper help",
			exitCode: 2,
		});
	});
});
