import { get } from 'node:http';
import { compiled, TestKeeper } from './house.ts';

let keeper: TestKeeper;
beforeEach(async () => {
	keeper = new TestKeeper();
	await keeper.start();
});
afterEach(() => keeper.close());

function visit(port: number, path = '/'): Promise<string> {
	return new Promise((resolve, reject) => {
		get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
			let body = '';
			answer.on('data', (chunk) => {
				body += chunk;
			});
			answer.on('end', () => resolve(body));
		}).on('error', reject);
	});
}

test('a visitor queued before the start of a static C server is answered', async () => {
	const port = await keeper.open('tcp/one', 101);
	const early = visit(port);
	const { pid } = { pid: (await keeper.launch(101, 1, { arg: [compiled(keeper.folder, 'server'), port], socket: 'tcp/one' })).number('pid') };
	await keeper.event('listening', { id: 101, name: 'tcp/one' });
	expect(await early).toMatch(/^pid \d+/);
	expect(pid).toBeGreaterThan(1);
});
