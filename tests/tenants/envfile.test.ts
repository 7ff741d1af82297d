import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	lchownSync,
	linkSync,
	mkdirSync,
	mkdtempSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Trust } from '../../config/trust.ts';
import { parseEnvironment, readEnvFile } from '../../tenants/envfile.ts';
import { cpuTime } from '../cputime.ts';

test.each([
	['lines of names and values', 'A=1\nB=two words\n', { A: '1', B: 'two words' }],
	['the last line without an end', 'A=1', { A: '1' }],
	['lines that end as on Windows', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
	['blanks around names and values', '  A = \t 1 2 \t\nB=\n', { A: '1 2', B: '' }],
	['comments and empty lines', '# A=1\n\n \t\n; B=2\n  #C=3\\\nD=4', { D: '4' }],
	['a later one of the same name', 'A=1\nA=2', { A: '2' }],
	['an = in a value', 'URL=postgres://a:b@c/d?e=f', { URL: 'postgres://a:b@c/d?e=f' }],
	['a # in a value, which is no comment', 'A=b # c', { A: 'b # c' }],
	['single quotes, in which nothing means anything', `A='$x "\\n" '`, { A: '$x "\\n" ' }],
	['double quotes, in which \\ stands before few', 'A="\\$x \\"y\\" \\\\ \\n "', { A: '$x "y" \\ \\n ' }],
	['quotes over several lines', 'KEY="BEGIN\nabc\nEND"\nB=\'1\n2\'', { KEY: 'BEGIN\nabc\nEND', B: '1\n2' }],
	['quotes side by side', `A="a" 'b'c "d"`, { A: 'abc "d"' }],
	['a quote in the midst of a value', `A=it's "so"`, { A: `it's "so"` }],
	['a \\ before a sign', 'A=a\\ b\\\\c\\d', { A: 'a b\\cd' }],
	['a \\ before a blank at the end', 'A=a\\  \n', { A: 'a ' }],
	['a \\ before a line end', 'A=a \\\n  b\nB="c\\\r\nd"', { A: 'a   b', B: 'cd' }],
	['a name of the prototype', '__proto__=1', Object.fromEntries([['__proto__', '1']])],
	['nothing', '', {}],
])('%s are read as systemd reads them', (_title, text, env) => {
	expect(parseEnvironment(text)).toEqual({ env });
});

test.each([
	['a line without =', 'A=1\n\nsecret\nB=2', 3, 'there is no = in it'],
	['a name with a blank in it', 'A=1\nexport B=2', 2, 'what stands before = is no name of letters, digits and _'],
	['no name', '=secret', 1, 'what stands before = is no name of letters, digits and _'],
	['a name that begins with a digit', '1A=secret', 1, 'what stands before = is no name of letters, digits and _'],
	['a single quote that is not closed', "A=1\r\nB='secret\nC=3\n", 2, 'a quote is not closed'],
	['a double quote whose end is escaped', 'A="secret\\"', 1, 'a quote is not closed'],
	['a NUL', 'A=1\nB=a\0b', 2, 'it holds a NUL'],
])('%s is a mistake, told by its line and without the text', (_title, text, line, message) => {
	expect(parseEnvironment(text)).toEqual({ line, message });
});

test('a file of the largest size is read in a time that grows with it', () => {
	const taken = (lines: number): number => {
		const text = 'A=1\n'.repeat(lines);
		return Math.min(...[1, 2, 3].map(() => cpuTime(() => parseEnvironment(text))));
	};
	taken(1000);
	expect(taken(40_000)).toBeLessThan(40 * 10 * Math.max(taken(1000), 0.2));
});

/*
 * Attack: a tenant has the launcher, which is root, read a file that the tenant may not, and finds what it says in its environment.
 * Model: it can write in folders of its own, and in those where everybody can; the provider named a path there. Fix: the trust rule
 * for the file, its folders and each link on the way, and no folder in which others may make files, sticky or not.
 */
describe('the file', () => {
	const uid = process.getuid?.() ?? 0;
	const asRoot = uid === 0 ? test : test.skip;
	const SOMEBODY = 54_321;
	let folder: string;
	let file: string;
	beforeEach(() => {
		folder = realpathSync(mkdtempSync(join(tmpdir(), 'innkeeper-envfile-')));
		file = join(folder, 'secrets.env');
		writeFileSync(file, 'TOKEN=secret\n', { mode: 0o600 });
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	function read(path = file): unknown {
		const result = readEnvFile(path, new Trust(uid));
		return 'env' in result ? result.env : `${result.fault.code}: ${result.fault.message}`;
	}

	test('counts where nobody but the server has a hand in it, also behind a link of the server', () => {
		expect(read()).toEqual({ TOKEN: 'secret' });
		symlinkSync(file, join(folder, 'link'));
		expect(read(join(folder, 'link'))).toEqual({ TOKEN: 'secret' });
	});

	asRoot("is refused in a tenant's folder, where it may be a link to what only root may read", () => {
		const own = join(folder, 'own');
		mkdirSync(own);
		chownSync(own, SOMEBODY, SOMEBODY);
		symlinkSync(file, join(own, 'link'));
		linkSync(file, join(own, 'second-name'));
		for (const name of ['link', 'second-name'])
			expect(read(join(own, name))).toMatch(/^untrusted: .*own belongs to user/);
	});

	asRoot("is refused where it, or a link on the way, is a tenant's", () => {
		symlinkSync(file, join(folder, 'link'));
		lchownSync(join(folder, 'link'), SOMEBODY, SOMEBODY);
		expect(read(join(folder, 'link'))).toMatch(/^untrusted: .*link belongs to user 54321/);
		chownSync(file, SOMEBODY, SOMEBODY);
		expect(read()).toMatch(/^untrusted: .*secrets.env belongs to user 54321/);
	});

	test.each([0o620, 0o602])('of mode %o is refused', (mode) => {
		chmodSync(file, mode);
		expect(read()).toMatch(/^untrusted: .*may be written by/);
	});

	asRoot("in a sticky folder is refused, where a tenant may have given a file of root's a second name", () => {
		const shared = join(folder, 'shared');
		mkdirSync(shared);
		chmodSync(shared, 0o1777);
		linkSync(file, join(shared, 'second-name'));
		symlinkSync(join(shared, 'second-name'), join(folder, 'link'));
		for (const path of [join(shared, 'second-name'), join(folder, 'link')])
			expect(read(path)).toBe(
				`untrusted: others may make files in its folder ${shared}: put it into one where nobody else can`,
			);
	});

	test('that is none, or too large, or no text, is refused, and nobody waits for it', () => {
		execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
		expect(read(join(folder, 'pipe'))).toBe('unreadable: it is no regular file');
		mkdirSync(join(folder, 'folder'));
		expect(read(join(folder, 'folder'))).toBe('unreadable: it is no regular file');
		expect(read(join(folder, 'none'))).toBe(`unreadable: there is no ${join(folder, 'none')}`);
		writeFileSync(file, `A=${'a'.repeat(1 << 18)}`);
		expect(read()).toBe('unreadable: it has over 262144 bytes');
		writeFileSync(file, Buffer.from([65, 61, 0xff, 10]));
		expect(read()).toBe('syntax: it is not UTF-8');
	});

	test('that is wrong is refused by its line', () => {
		writeFileSync(file, 'TOKEN=secret\nsecret\n');
		expect(readEnvFile(file, new Trust(uid))).toMatchObject({ fault: { file, line: 2, code: 'syntax' } });
		expect(JSON.stringify(readEnvFile(file, new Trust(uid)))).not.toContain('secret\n');
	});
});
