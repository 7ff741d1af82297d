import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { House, type TenantFiles } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

const ROOT = process.getuid?.() === 0;
if (!ROOT) console.log('Disks of a test’s own are mounted, which needs root: these tests are skipped.');
const rootTest = ROOT ? test : test.skip;
const hasImages = existsSync('/dev/loop-control') && existsSync('/usr/sbin/mkfs.ext4');
if (!hasImages) console.log('There are no loop devices, or no mkfs.ext4: no disk breaks here.');
const hasQuotas = existsSync('/dev/loop-control') && existsSync('/usr/sbin/mkfs.btrfs');
if (!hasQuotas)
	console.log('There are no loop devices, or no mkfs.btrfs (Debian: btrfs-progs): no quota is used up here.');

/** Ready once it has said so; Node has no datagrams of unix(7). */
const teller = `
import http.server, os, socket
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('', int(os.environ['PORT'])), Answer)
name = os.environ['NOTIFY_SOCKET']
said = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
said.sendto(b'READY=1', '\\0' + name[1:] if name[0] == '@' else name)
server.serve_forever()
`;

const tenants: Record<string, TenantFiles> = {
	one: hello(101, 'one'),
	two: hello(102, 'two'),
	three: hello(103, 'three'),
	teller: {
		yaml: { id: 104, name: 'teller', hosts: ['teller.test'], command: ['python3', 'teller.py'], readiness: 'notify' },
		files: { 'teller.py': teller },
	},
};
/** Those that were awake before the disk was in trouble. */
const known = ['one', 'two', 'teller'];

let house: House | undefined;
afterEach(async () => {
	await house?.discard();
	house = undefined;
});

/** A house with a disk of its own in its mount namespace, as `disk` in its folder; `mount` is of sh(1), where $0 is that folder. */
async function onDisk(mount: string, config: Readonly<Record<string, unknown>>): Promise<House> {
	const inside = `mkdir "$0/disk" "$0/run"; exec unshare -m sh -c '${mount} && exec "$@"' "$0" "$@"`;
	house = await House.start({ tenants, config: { ...config, control: './run/control.sock' }, by: inside });
	return house;
}

/** Runs a command of sh(1) in the house's mount namespace and folder. */
function inside(of: House, command: string): void {
	execFileSync('nsenter', ['-t', String(of.pid), '-m', 'sh', '-c', `cd '${of.folder}' && ${command}`]);
}

/** Where the test finds the disk. */
function diskOf(of: House): string {
	return `/proc/${of.pid}/root${of.folder}/disk`;
}

/** All lines of the access log in a folder of the disk, rotated ones too; a file that made way is not there for a moment. */
function logged(of: House, folder: string): string {
	const text = (name: string): string => {
		try {
			return readFileSync(join(diskOf(of), folder, name), 'utf8');
		} catch {
			return '';
		}
	};
	return ['access.log', 'access.log.1', 'access.log.2'].map(text).join('');
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function status(of: House, name: string, path = '/'): Promise<number> {
	return (await visit(of, `${name}.test`, path)).status;
}

/** Wakes each once, so that it has what the house makes for it, and puts it to sleep. */
async function lodge(of: House): Promise<void> {
	for (const name of known) {
		expect(await status(of, name)).toBe(200);
		await of.control({ verb: 'stop', tenant: name });
	}
}

/** Whom the trouble must not touch are served, asleep or not; a newcomer's failure is told with its reason. */
async function stands(of: House, reason: RegExp): Promise<void> {
	for (const name of known) expect([name, await status(of, name)]).toEqual([name, 200]);
	expect(await status(of, 'three')).toBe(503);
	await until(() => reason.test(of.output));
}

/** After the mending everybody is served. */
async function healed(of: House): Promise<void> {
	for (const name of [...known, 'three']) await until(async () => (await status(of, name)) === 200);
}

const accessLog = { file: './disk/access.log', format: 'json', size: '64K', files: 3 };

/** Makes empty files until no more can be made; gives how many there are. */
function exhaust(folder: string): number {
	for (let files = 0; ; files++) {
		try {
			writeFileSync(join(folder, `filler-${files}`), '', { flag: 'wx' });
		} catch (error) {
			expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
			return files;
		}
	}
}

rootTest('inodes run out under state, run and access log: the house stands, says why, and heals', async () => {
	const config = { state: './disk/state', run: './disk/run', accessLog };
	const of = await onDisk('mount -t tmpfs -o size=64m,nr_inodes=4000 none "$0/disk"', config);
	const { launcher } = of;
	await lodge(of);
	const files = exhaust(diskOf(of));
	await stands(of, /fail +three +could not be launched: ENOSPC/);
	// The access log is full, and cannot make room for another file.
	for (let count = 0; count < 80; count++) expect(await status(of, 'one', `/${'x'.repeat(4000)}`)).toBe(200);
	await until(() => /access\.log cannot be written: No space left on device/.test(of.output));
	expect(of.launcher).toBe(launcher);
	for (let at = 0; at < files; at++) rmSync(join(diskOf(of), `filler-${at}`));
	await healed(of);
	await until(() => logged(of, '.').includes('three.test'));
	await until(() => /access\.log can be written again; 0 lines were lost/.test(of.output));
	await of.stop();
});

rootTest('a run folder on a disk that is full from the beginning costs nobody anything', async () => {
	const fill = 'mkdir "$0/disk/run"; cat /dev/zero >"$0/disk/filler" 2>/dev/null; true';
	const of = await onDisk(`mount -t tmpfs -o size=1m none "$0/disk" && { ${fill}; }`, { run: './disk/run' });
	const { launcher } = of;
	for (const name of [...known, 'three']) expect(await status(of, name)).toBe(200);
	expect(of.launcher).toBe(launcher);
	await of.relaunch();
	expect(await status(of, 'one')).toBe(200);
	await of.stop();
});

rootTest('a state folder that is read-only for a while: the house stands, says why, and heals', async () => {
	const of = await onDisk('mount -t tmpfs none "$0/disk"', { state: './disk/state' });
	const { launcher } = of;
	await lodge(of);
	// It is busy for a moment where the launcher has just written a file.
	inside(of, 'until mount -o remount,ro ./disk 2>/dev/null; do sleep 0.1; done');
	await stands(of, /fail +three +could not be launched: EROFS/);
	expect(of.launcher).toBe(launcher);
	inside(of, 'mount -o remount,rw ./disk');
	await healed(of);
	await of.stop();
});

(hasImages ? rootTest : test.skip)(
	'a disk whose file system gives up under state and access log: the house stands, says why, and heals on another',
	async () => {
		const image =
			'truncate -s 16M "$0/image" && /usr/sbin/mkfs.ext4 -q -F "$0/image" && mount -o loop,errors=remount-ro "$0/image" "$0/disk"';
		const of = await onDisk(image, { state: './disk/state', accessLog });
		const { launcher } = of;
		await lodge(of);
		// As after an error of the medium: what is open for writing keeps nobody from it, as it would with a mere remount.
		inside(of, 'mount -o remount,abort ./disk 2>/dev/null; ! touch ./disk/more 2>/dev/null');
		await stands(of, /fail +three +could not be launched: E(ROFS|IO)/);
		await until(() => /access\.log cannot be written: (Read-only file system|Input\/output error)/.test(of.output));
		expect(of.launcher).toBe(launcher);
		inside(of, 'mount -t tmpfs none ./disk');
		await until(() => /access\.log can be written again; 0 lines were lost/.test(of.output));
		await healed(of);
		expect(logged(of, '.')).toContain('three.test');
		await of.stop();
	},
);

(hasQuotas ? rootTest : test.skip)(
	'a quota is used up under state, run and access log: the house stands, says why, and heals',
	async () => {
		const image =
			'truncate -s 120M "$0/image" && /usr/sbin/mkfs.btrfs -q -M "$0/image" 2>/dev/null && mount -o loop "$0/image" "$0/disk"';
		const quota = 'btrfs quota enable "$0/disk" && btrfs subvolume create "$0/disk/home" >/dev/null';
		const config = { state: './disk/home/state', run: './disk/home/run' };
		const of = await onDisk(`${image} && ${quota}`, {
			...config,
			accessLog: { ...accessLog, file: './disk/home/access.log' },
		});
		const { launcher } = of;
		await lodge(of);
		inside(of, 'btrfs qgroup limit 2M ./disk/home; ! cat /dev/zero >./disk/home/filler 2>/dev/null');
		await stands(of, /fail +three +could not be launched: EDQUOT/);
		for (let count = 0; count < 40; count++) expect(await status(of, 'one', `/${'x'.repeat(4000)}`)).toBe(200);
		await until(() => /access\.log cannot be written: Disk quota exceeded/.test(of.output));
		expect(of.launcher).toBe(launcher);
		inside(of, 'rm ./disk/home/filler; btrfs qgroup limit none ./disk/home');
		await healed(of);
		await until(() => logged(of, 'home').includes('three.test'));
		await until(() => /access\.log can be written again; \d+ lines were lost/.test(of.output));
		await of.stop();
	},
);
