import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { House } from './house.ts';
import { hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

const ROOT = process.getuid?.() === 0;
const tenants = { one: hello(101, 'one'), two: hello(102, 'two') };
const accessLog = { file: 'stdout', format: 'json' };

let house: House | undefined;
let fd: number | undefined;
afterEach(async () => {
	await house?.discard();
	house = undefined;
	if (fd !== undefined) closeSync(fd);
	fd = undefined;
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A named pipe beside the house, whose other end the test has as `fd`. */
function pipe(of: string): string {
	const path = join(tmpdir(), `innkeeper-pipe-${process.pid}-${of}`);
	rmSync(path, { force: true });
	execFileSync('mkfifo', ['-m', '600', path]);
	fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
	return path;
}

/** Writes until nothing more is taken. */
function fill(file: number, code: 'EAGAIN' | 'ENOSPC'): void {
	for (const size of [65_536, 1]) {
		try {
			for (;;) writeSync(file, Buffer.alloc(size));
		} catch (error) {
			expect((error as NodeJS.ErrnoException).code).toBe(code);
		}
	}
}

/** A small disk of the server's own under `disk`, as the shell has it in $0. */
const SMALL_DISK = 'mkdir "$0/disk"; exec unshare -m sh -c \'mount -t tmpfs -o size=6m none "$0/disk"; ';

/** What a house must do whose words nobody can take: wake, serve, take in what changed, and end with nothing left. */
async function livesOn(of: House): Promise<void> {
	const launcher = of.launcher;
	expect(launcher).toBeGreaterThan(0);
	for (const host of ['one.test', 'two.test', 'one.test']) expect((await visit(of, host)).status).toBe(200);
	await of.tenant('three', hello(103, 'three'));
	await until(async () => (await visit(of, 'three.test')).status === 200);
	await of.tenant('wrong', { yaml: 'id: 104\nname: wrong\nnonsense: 1\n' });
	await expect(of.control({ verb: 'reload' })).rejects.toThrow(/fault/);
	for (let i = 0; i < 40; i++) expect((await visit(of, 'one.test', `/${'x'.repeat(4000)}`)).status).toBe(200);
	expect(of.launcher).toBe(launcher);
	await of.stop();
}

test('a disk that is full under stdout and stderr costs nobody anything', async () => {
	house = await House.start({ tenants, config: { accessLog }, by: 'exec "$@" >/dev/full 2>&1' });
	await livesOn(house);
});

test('a stdout whose reader is gone, and a stderr on a full disk, cost nobody anything', async () => {
	const path = pipe('gone');
	house = await House.start({ tenants, config: { accessLog }, by: `exec "$@" 2>/dev/full >${path}` });
	closeSync(fd as number);
	fd = undefined;
	rmSync(path);
	await livesOn(house);
});

test('a pipe that nobody reads, full from the beginning, holds nobody up', async () => {
	const path = pipe('full');
	fill(fd as number, 'EAGAIN');
	house = await House.start({ tenants, config: { accessLog }, by: `exec "$@" >${path} 2>&1` });
	rmSync(path);
	await livesOn(house);
});

(ROOT ? test : test.skip)(
	'a disk that fills and gets room again: what is lost is counted and told, no line is torn',
	async () => {
		house = await House.start({
			tenants,
			config: {
				workers: 2,
				state: './disk/state',
				accessLog: { file: './disk/access.log', format: 'json', size: 'off' },
			},
			by: `${SMALL_DISK} exec "$@" >"$0/disk/out" 2>"$0/disk/err"' "$0" "$@"`,
		});
		const launcher = house.launcher;
		const disk = `/proc/${house.pid}/root${house.folder}/disk`;
		const lines = (): string[] => readFileSync(`${disk}/access.log`, 'utf8').split('\n').slice(0, -1);
		expect((await visit(house, 'one.test')).status).toBe(200);
		await until(() => lines().length === 1);

		fd = openSync(`${disk}/filler`, 'w');
		fill(fd, 'ENOSPC');
		let visits = 1;
		for (let round = 0; round < 40; round++) {
			const path = `/${'x'.repeat(7900)}`;
			const replies = await Promise.all(Array.from({ length: 10 }, () => visit(house as House, 'one.test', path)));
			expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
			visits += replies.length;
		}
		expect((await visit(house, 'two.test')).status).toBe(200);
		visits++;
		rmSync(`${disk}/filler`);
		closeSync(fd);
		fd = undefined;

		const told = /access\.log can be written again; (\d+) lines were lost/;
		await until(() => told.test(readFileSync(`${disk}/err`, 'utf8')));
		expect(readFileSync(`${disk}/err`, 'utf8')).toMatch(/access\.log cannot be written: No space left on device/);
		const lost = Number(told.exec(readFileSync(`${disk}/err`, 'utf8'))?.[1]);
		expect(lost).toBeGreaterThan(0);
		expect((await visit(house, 'one.test')).status).toBe(200);
		await until(() => lines().length + lost === visits + 1);
		for (const line of lines()) expect(JSON.parse(line)).toMatchObject({ status: 200 });
		expect(house.launcher).toBe(launcher);
		await house.stop();
	},
);

(ROOT ? test : test.skip)(
	'a state folder on a disk that is full from the beginning costs no visitor anything',
	async () => {
		house = await House.start({
			tenants,
			config: { state: './disk/state' },
			by: `${SMALL_DISK} cat /dev/zero >"$0/disk/filler" 2>/dev/null; exec "$@" >"$0/disk/out" 2>&1' "$0" "$@"`,
		});
		await livesOn(house);
	},
);
