import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestKeeper } from './house.ts';

const LINE = 'x'.repeat(999);
let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
	mkdirSync(join(keeper.folder, 'logs'));
});
afterEach(() => keeper.close());

/** Lines of an edge worker's, which go to the access log; it waits until the scribe has taken them. */
async function accessLines(instance: number, count: number): Promise<void> {
	// Its pipe does not block: what finds it full is said again.
	const script = `yes ${LINE} | head -n ${count} | while read -r line; do until echo "$line"; do sleep 0.01; done; done 2>/dev/null`;
	await keeper.launch(10, instance, {
		arg: ['/bin/sh', '-c', script],
		env: 'PATH=/usr/bin:/bin',
		ipc: '{}\n',
	});
	await keeper.event('empty', { id: 10, instance });
}

/** All that the keeper says on its stdout from now on; nobody reads beyond `until`. */
function listen(until = Number.POSITIVE_INFINITY): { text: string } {
	const heard = { text: '' };
	const stdout = keeper.process?.stdout;
	stdout?.on('data', (chunk) => {
		heard.text += chunk;
		if (heard.text.length >= until) stdout.pause();
	});
	return heard;
}

/*
 * A service manager hands a server a stream socket for its stdout, and whoever made it may have left it blocking: here it is Node, whose
 * child_process makes its pipes of such. The scribe writes everybody's lines.
 */
test('a stdout that is a socket whose reader stops in the midst of it holds nobody up', async () => {
	await accessLines(1, 1000);
	const heard = listen(200_000);
	// As much as makes the socket take some more of what is held, and not all of it.
	while (heard.text.length < 200_000) await delay(1);
	const log = join(keeper.folder, 'logs/101.log');
	await keeper.launch(101, 2, { arg: ['/bin/echo', 'heard'], log });
	await keeper.event('empty', { id: 101 });
	expect(readFileSync(log, 'utf8')).toBe('heard\n');
	keeper.process?.stdout?.removeAllListeners('data');
	keeper.process?.stdout?.on('data', (chunk) => {
		heard.text += chunk;
	});
	keeper.process?.stdout?.resume();
	while (heard.text.split('\n').length <= 1000) await delay(10);
	expect(new Set(heard.text.trimEnd().split('\n'))).toEqual(new Set([LINE]));
});

test('what the access log could not be written is told where its lines go from then on', async () => {
	await keeper.request('access-log', { path: '/dev/full', size: 0, files: 1 });
	await accessLines(1, 3000);
	const heard = listen();
	await keeper.request('access-log');
	while (!heard.text.includes(' were lost')) await delay(10);
	const [lines, [lost = '']] = [
		heard.text.split('\n'),
		/(\d+) lines of the access log were lost: .*/.exec(heard.text) ?? [],
	];
	expect(lost).toMatch(/: No space left on device$/);
	expect(lines.filter((line) => line.startsWith('x')).length + Number.parseInt(lost, 10)).toBe(3000);
	await accessLines(2, 1);
	while (!heard.text.endsWith(`${LINE}\n`)) await delay(10);
});
