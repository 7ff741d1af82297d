import {
	chmodSync,
	chownSync,
	lchownSync,
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

const uid = process.getuid?.() ?? 0;
/** Whoever runs the tests is somebody else. */
const SOMEBODY = uid + 54_321;
let folder: string;
let file: string;

beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'innkeeper-trust-')));
	mkdirSync(join(folder, 'tenants'), { mode: 0o755 });
	file = join(folder, 'tenants', 'tenant.yaml');
	writeFileSync(file, '', { mode: 0o644 });
});
afterEach(() => rmSync(folder, { recursive: true }));

function judge(path = file, as = uid): string {
	const verdict = new Trust(as).judge(path);
	return 'code' in verdict ? `${verdict.code}: ${verdict.message}` : `real: ${verdict.real}`;
}

test('a file is trusted that only its owner may write, in folders of which the same is true', () => {
	expect(judge()).toBe(`real: ${file}`);
});

test.each([
	[0o664, 'its group', 'g'],
	[0o646, 'others', 'o'],
	[0o666, 'its group and others', 'go'],
])('a file of mode %o is refused, with the chmod that mends it', (mode, whom, letters) => {
	chmodSync(file, mode);
	expect(judge()).toBe(
		`untrusted: ${file} may be written by ${whom} (mode 0${mode.toString(8)}): chmod ${letters}-w '${file}'`,
	);
});

test('a folder above that others may write is refused by its name', () => {
	chmodSync(folder, 0o770);
	expect(judge()).toBe(`untrusted: ${folder} may be written by its group (mode 0770): chmod g-w '${folder}'`);
});

test("a sticky folder is trusted where it is root's, as /tmp, and no other", () => {
	const shared = join(folder, 'shared');
	mkdirSync(shared);
	chmodSync(shared, 0o1777);
	writeFileSync(join(shared, 'tenant.yaml'), '', { mode: 0o644 });
	const verdict = judge(join(shared, 'tenant.yaml'));
	if (uid === 0) expect(verdict).toMatch(/^real: /);
	else expect(verdict).toMatch(/^untrusted: .*shared may be written by/);
});

test('what belongs to somebody else is refused, with the chown that mends it', () => {
	if (uid === 0) {
		chownSync(file, SOMEBODY, SOMEBODY);
		expect(judge()).toBe(`untrusted: ${file} belongs to user ${SOMEBODY}, not to root: chown 0 '${file}'`);
	} else {
		expect(judge(file, SOMEBODY)).toBe(
			`untrusted: ${folder} belongs to user ${uid}, not to user ${SOMEBODY} or root: chown ${SOMEBODY} '${folder}'`,
		);
	}
});

test('links are followed, and the folders on both ways are judged', () => {
	const elsewhere = join(folder, 'elsewhere');
	mkdirSync(elsewhere, { mode: 0o755 });
	writeFileSync(join(elsewhere, 'real.yaml'), '', { mode: 0o644 });
	const link = join(folder, 'tenants', 'link.yaml');
	symlinkSync('../elsewhere/real.yaml', link);
	expect(judge(link)).toBe(`real: ${join(elsewhere, 'real.yaml')}`);
	chmodSync(elsewhere, 0o777);
	expect(judge(link)).toMatch(/^untrusted: .*elsewhere may be written/);
	chmodSync(elsewhere, 0o755);
	chmodSync(join(folder, 'tenants'), 0o777);
	expect(judge(link)).toMatch(/^untrusted: .*tenants may be written/);
});

test('a link that somebody else made is refused, for its owner may turn it elsewhere', () => {
	const link = join(folder, 'tenants', 'link.yaml');
	symlinkSync(file, link);
	if (uid !== 0) return expect(judge(link)).toBe(`real: ${file}`);
	lchownSync(link, SOMEBODY, SOMEBODY);
	expect(judge(link)).toMatch(new RegExp(`^untrusted: .*link.yaml belongs to user ${SOMEBODY}.*chown -h 0 `));
});

test('links that lead in a circle are told as such, files and folders alike', () => {
	symlinkSync('two', join(folder, 'one'));
	symlinkSync('one', join(folder, 'two'));
	symlinkSync('self/self', join(folder, 'self'));
	expect(judge(join(folder, 'one'))).toMatch(/^link-cycle: .* links to itself$/);
	expect(judge(join(folder, 'two', 'tenant.yaml'))).toMatch(/^link-cycle/);
	expect(judge(join(folder, 'self', 'tenant.yaml'))).toMatch(/^link-cycle/);
});

test('nothing at the path is absent, a link to nothing is not', () => {
	symlinkSync('nowhere', join(folder, 'dangling'));
	expect(new Trust(uid).judge(join(folder, 'missing'))).toMatchObject({ code: 'unreadable', absent: true });
	expect(new Trust(uid).judge(join(folder, 'dangling'))).toMatchObject({ code: 'unreadable', absent: false });
	expect(new Trust(uid).judge(join(file, 'below-a-file'))).toMatchObject({ code: 'unreadable', absent: true });
});
