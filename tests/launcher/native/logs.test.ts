import {
	chmodSync,
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	statSync,
	watch,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { compiled, rootOnly, TestKeeper, wait } from './house.ts';
import { visit } from './visit.ts';

let keeper: TestKeeper;
let log: string;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
	mkdirSync(join(keeper.folder, 'logs'));
	log = join(keeper.folder, 'logs/101.log');
});
afterEach(() => keeper.close());

const env = 'PATH=/usr/bin:/bin';

/** The lines of a file, once it has so many. */
function linesOf(file: string, count: number): Promise<string[]> {
	return wait<string[]>((resolve) => {
		const look = (): void => {
			const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
			if (lines.length <= count) return;
			watcher.close();
			resolve(lines);
		};
		const watcher = watch(dirname(file), look);
		look();
	}, file);
}

test('stdout and stderr are in the log before empty is told, and the next instance goes on in it', async () => {
	for (const instance of [1, 2]) {
		await keeper.launch(101, instance, {
			arg: ['/bin/sh', '-c', `echo out ${instance}; echo err ${instance} >&2`],
			log,
			env,
		});
		await keeper.event('empty', { id: 101, instance });
	}
	expect(readFileSync(log, 'utf8')).toBe('out 1\nerr 1\nout 2\nerr 2\n');
});

/* Apache, php-fpm and most container images open these names; the pipe behind them is not of their making. */
for (const [who, user] of [
	['its user', ''],
	['the user that a tenant of root changed to', '/usr/bin/setpriv --reuid=70999 --clear-groups'],
]) {
	rootOnly(`/dev/stdout and /dev/stderr can be opened by ${who}, and no other tenant can open them`, async () => {
		const script = 'echo out > /dev/stdout; echo err >> /dev/stderr; echo $$ 1>&1; exec sleep 1000';
		await keeper.launch(101, 1, {
			arg: ['/bin/sh', '-c', `exec ${user} /bin/sh -c '${script}'`],
			...(user === '' ? {} : { uid: 0, gid: 0 }),
			log,
			env,
		});
		const pid = (await linesOf(log, 3))[2];
		await keeper.launch(102, 2, {
			arg: ['/bin/sh', '-c', `echo foreign > /proc/${pid}/fd/1; echo $?`],
			log: `${log}-other`,
			env,
		});
		await keeper.event('empty', { id: 102 });
		expect(readFileSync(`${log}-other`, 'utf8')).toMatch(/Permission denied/);
		expect(readFileSync(log, 'utf8')).toBe(`out\nerr\n${pid}\n`);
	});
}

test('a drained log holds empty up for no time worth telling', async () => {
	const life = async (instance: number, fields: { log?: string }): Promise<number> => {
		const began = performance.now();
		await keeper.launch(101, instance, { arg: ['/bin/echo', 'x'], ...fields, env });
		await keeper.event('empty', { id: 101, instance });
		return performance.now() - began;
	};
	const [without, withLog]: [number[], number[]] = [[], []];
	for (let instance = 1; instance <= 20; instance += 2) {
		without.push(await life(instance, {}));
		withLog.push(await life(instance + 1, { log }));
	}
	// The quickest of each, for a busy machine makes the others slow. A wait of the scribe's own would be in all of them.
	expect(Math.min(...withLog)).toBeLessThan(10 * Math.min(...without));
});

test('files are capped and rotated, the last output is kept', async () => {
	const script = 'i=0; while [ $i -lt 1000 ]; do echo "line $i"; i=$((i+1)); done';
	await keeper.launch(101, 1, { arg: ['/bin/sh', '-c', script], log, env, 'log-size': 1000, 'log-files': 3 });
	await keeper.event('empty', { id: 101 });
	const files = [log, `${log}.1`, `${log}.2`];
	for (const file of files) expect(statSync(file).size).toBeLessThanOrEqual(1000);
	expect(existsSync(`${log}.3`)).toBe(false);
	const text = files
		.reverse()
		.map((file) => readFileSync(file, 'utf8'))
		.join('');
	expect(text.endsWith('line 998\nline 999\n')).toBe(true);
});

test('two instances of a tenant that speak at once fill one file after the other, and lose nothing that fits', async () => {
	const sized = { log, 'log-size': 1000, 'log-files': 2, env };
	const flag = join(keeper.folder, 'flag');
	const waits = `while [ ! -e ${flag} ]; do sleep 0.02; done`;
	await keeper.launch(101, 1, { ...sized, arg: ['/bin/sh', '-c', `echo first; ${waits}; echo last`] });
	await linesOf(log, 1);
	const lines = Array.from({ length: 10 }, (_, n) => `${n}`.padEnd(149, '.'));
	const speaks = `for line in ${lines.join(' ')}; do echo $line; done`;
	await keeper.launch(101, 2, { ...sized, beside: 1, arg: ['/bin/sh', '-c', speaks] });
	await keeper.event('empty', { id: 101, instance: 2 });
	writeFileSync(flag, '');
	await keeper.event('empty', { id: 101, instance: 1 });
	const written = [`${log}.1`, log].map((file) => readFileSync(file, 'utf8')).join('');
	expect(written).toBe(`first\n${lines.join('\n')}\nlast\n`);
});

test('a tenant that floods is neither blocked nor killed; what is dropped is counted, its files stay capped, others write on', async () => {
	const began = performance.now();
	const script = `head -c 300000000 /dev/zero; echo done > ${join(keeper.dataFor(101), 'done')}`;
	await keeper.launch(101, 1, { arg: ['/bin/sh', '-c', script], log, env, 'log-size': 1 << 20, 'log-files': 2 });
	await keeper.launch(102, 2, { arg: ['/bin/echo', 'other'], log: `${log}-other`, env });
	await keeper.event('empty', { id: 102 });
	expect(readFileSync(`${log}-other`, 'utf8')).toBe('other\n');
	expect((await keeper.event('exit', { id: 101 })).text('status')).toBe('exit:0');
	const lost = (await keeper.event('empty', { id: 101 })).number('lost');
	// 16 MiB are written in each second that has begun: a slow machine loses less.
	const seconds = Math.ceil((performance.now() - began) / 1000) + 1;
	expect(lost).toBeGreaterThan(0);
	expect(300_000_000 - lost).toBeLessThanOrEqual(seconds * (16 << 20));
	expect(statSync(log).size + statSync(`${log}.1`).size).toBeLessThanOrEqual(2 << 20);
});

test('tell counts what is lost while the tenant lives', async () => {
	await keeper.launch(101, 1, { arg: ['/bin/sh', '-c', 'head -c 50000000 /dev/zero; exec sleep 1000'], log, env });
	let lost = 0;
	while (lost < 1_000_000) lost = (await keeper.request('tell', { id: 101, instance: 1 })).number('lost');
});

test('a log that cannot be written costs the tenant nothing: it runs, the output is counted as lost', async () => {
	const port = await keeper.open('tcp/a', 101);
	writeFileSync(join(keeper.folder, 'file'), '');
	await keeper.launch(101, 1, {
		arg: ['/bin/sh', '-c', `head -c 3000000 /dev/zero; exec ${compiled(keeper.folder, 'server')} ${port}`],
		log: join(keeper.folder, 'file/101.log'),
		socket: 'tcp/a',
		env,
	});
	expect(await visit(port)).toMatch(/^pid/);
	await keeper.request('kill', { id: 101, instance: 1 });
	expect((await keeper.event('empty', { id: 101 })).number('lost')).toBe(3_000_000);
});

test('a log that can be written again says on the keeper’s stderr how much was lost', async () => {
	const folder = join(keeper.folder, 'later');
	const script = `echo lost; until [ -e ${folder}/there ]; do sleep 0.1; done; until [ -e ${folder}/101.log ]; do echo on; sleep 0.1; done`;
	await keeper.launch(101, 1, { arg: ['/bin/sh', '-c', script], log: join(folder, '101.log'), env });
	let lost = 0;
	while (lost === 0) lost = (await keeper.request('tell', { id: 101, instance: 1 })).number('lost');
	mkdirSync(folder);
	writeFileSync(join(folder, 'there'), '');
	const { number } = await keeper.event('empty', { id: 101 }).then((event) => ({ number: event.number('lost') }));
	const told = `101.log can be written again; ${number} bytes were lost: No such file or directory`;
	while (!keeper.stderr.includes(told)) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a symbolic link in the place of a log is not followed', async () => {
	const folder = join(keeper.folder, 'trap');
	mkdirSync(folder);
	chmodSync(folder, 0o755);
	const { symlinkSync } = await import('node:fs');
	symlinkSync(join(keeper.folder, 'stolen'), join(folder, '101.log'));
	await keeper.launch(101, 1, { arg: ['/bin/echo', 'x'], log: join(folder, '101.log'), env });
	expect((await keeper.event('empty', { id: 101 })).number('lost')).toBe(2);
	expect(existsSync(join(keeper.folder, 'stolen'))).toBe(false);
});

rootOnly(
	'somebody outside who holds the pipe of a tenant holds empty up for a while at most, and the next instance not at all',
	async () => {
		let instance = 0;
		/** How long an instance with a log lives that has nothing to do, in ms. */
		const life = async (): Promise<number> => {
			const began = performance.now();
			await keeper.launch(101, ++instance, { arg: ['/bin/echo', 'next'], log, env });
			await keeper.event('empty', { id: 101, instance });
			return performance.now() - began;
		};
		/** CPU time of the keeper, in hundredths of a second. */
		const ticks = (): number => {
			const fields = readFileSync(`/proc/${keeper.pid}/stat`, 'utf8').split(' ');
			return Number(fields[13]) + Number(fields[14]);
		};
		const alone = [await life(), await life(), await life()];
		const pid = (await keeper.launch(101, ++instance, { arg: ['/bin/sleep', '1000'], log })).number('pid');
		const outside = openSync(`/proc/${pid}/fd/1`, 'w');
		// The kernel tells of what happens to a cgroup every 10 ms at most; its end is to be told at once.
		await new Promise((resolve) => setTimeout(resolve, 50));
		await keeper.request('kill', { id: 101, instance });
		await keeper.event('exit', { id: 101, instance });
		const spent = ticks();
		await keeper.event('empty', { id: 101, instance });
		// It waits for a second, and does nothing meanwhile: of a hundred ticks a spinning loop takes most.
		expect(ticks() - spent).toBeLessThanOrEqual(10);
		const beside = [await life(), await life(), await life()];
		// The quickest of each, as above; who waited for the pipe would do so each time.
		expect(Math.min(...beside)).toBeLessThan(10 * Math.min(...alone));
		expect(readFileSync(log, 'utf8')).toBe('next\n'.repeat(6));
		closeSync(outside);
	},
);
