import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { commandNames, commandTable } from '../../cli/commands.ts';
import { innkeeper, packageFolder } from './innkeeper.ts';

test('help lists every command, and so does a bare innkeeper', async () => {
	const { stdout, exitCode } = await innkeeper(['help']);
	for (const name of commandNames)
		expect(stdout).toMatch(new RegExp(`^  ${name}\\b.*${commandTable[name].summary.slice(0, 20)}`, 'm'));
	expect(exitCode).toBe(0);
	expect((await innkeeper([])).stdout).toBe(stdout);
});

test('help on a command tells its options; help on none such exits with 2', async () => {
	const { stdout } = await innkeeper(['help', 'logs']);
	expect(stdout).toMatch(/^usage: innkeeper logs TENANT \[OPTION…\]\n/);
	expect(stdout).toMatch(/-n, --lines N +how many/);
	expect(await innkeeper(['help', 'stopp'])).toMatchObject({
		exitCode: 2,
		stderr: expect.stringContaining('did you mean stop?'),
	});
});

test.each(['version', '--version'])('%s is the version of package.json', async (word) => {
	const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
	expect(await innkeeper([word])).toEqual({ stdout: version, stderr: '', exitCode: 0 });
});

test('docs/commands.md has every command with each of its options', () => {
	const page = readFileSync(join(packageFolder, 'docs', 'commands.md'), 'utf8');
	for (const name of commandNames) {
		const command = commandTable[name];
		const part = page.split(`\n### innkeeper ${name}`)[1]?.split('\n### ')[0] ?? '';
		expect({ name, part }).toEqual({ name, part: expect.stringMatching(/\S/) });
		for (const option of command.options)
			expect({ name, part }).toEqual({ name, part: expect.stringContaining(`--${option}`) });
	}
});

describe('completion', () => {
	test('for bash parses, and completes commands and options', async () => {
		const { stdout: script } = await innkeeper(['completion', 'bash']);
		await execa('bash', ['-n'], { input: script });
		const complete = (...words: string[]) =>
			execa('bash', [
				'-c',
				`${script}\nCOMP_WORDS=(${words.join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _innkeeper; echo "\${COMPREPLY[@]}"`,
			]);
		expect((await complete('innkeeper', 'st')).stdout).toBe('status stop');
		expect((await complete('innkeeper', 'ps', '--j')).stdout).toBe('--json');
		expect((await complete('innkeeper', 'completion', 'z')).stdout).toBe('zsh');
	});

	test.each(['zsh', 'fish'])('for %s names every command and option', async (shell) => {
		const { stdout } = await innkeeper(['completion', shell]);
		for (const name of commandNames) {
			const { options } = commandTable[name];
			for (const word of [name, ...options]) expect(stdout).toMatch(new RegExp(`\\b${word}\\b`));
		}
	});

	test('for another shell is refused with 2', async () => {
		expect(await innkeeper(['completion', 'tcsh'])).toMatchObject({ exitCode: 2 });
	});
});
