import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { House } from './house.ts';
import { escaping, hello } from './tenants/programs.ts';
import { visit } from './visitor.ts';

const tenants = { hello: hello(101, 'hello'), escape: escaping(102, 'escape') };

test('after SIGTERM nothing is left but files under state', async () => {
	const house = await House.start({ tenants });
	try {
		expect((await visit(house, 'hello.test')).status).toBe(200);
		expect((await visit(house, 'escape.test')).status).toBe(200);
		await house.stop();
	} finally {
		await house.discard();
	}
});

test('SIGTERM lets a request finish that has begun', async () => {
	const house = await House.start({ tenants });
	try {
		await visit(house, 'hello.test');
		const slow = visit(house, 'hello.test', '/slow');
		await new Promise((resolve) => setTimeout(resolve, 200));
		await house.stop();
		expect((await slow).status).toBe(200);
	} finally {
		await house.discard();
	}
});

test('after kill -9 of the keeper the next serve sweeps what is left', async () => {
	const house = await House.start({ tenants });
	try {
		await visit(house, 'hello.test');
		await visit(house, 'escape.test');
		const mark = house.mark();
		await house.kill();
		await house.serve();
		expect(house.leftovers({ ...mark, cgroup: undefined }).filter((left) => left.startsWith('process'))).toEqual([]);
		expect((await visit(house, 'hello.test')).status).toBe(200);
		await house.stop();
	} finally {
		await house.discard();
	}
});

test('a port that is taken is said plainly, and nothing is left', async () => {
	const first = await House.start({ tenants });
	try {
		await expect(House.start({ tenants, config: { listen: { http: [`127.0.0.1:${first.port}`] } } })).rejects.toThrow(
			/in use|EADDRINUSE/,
		);
	} finally {
		await first.discard();
	}
});

test('a second server with the same folders is refused', async () => {
	const house = await House.start({ tenants });
	try {
		const second = spawnSync('bin/innkeeper', ['serve', '--config', `${house.folder}/innkeeper.yaml`], {
			encoding: 'utf8',
			timeout: 10_000,
		});
		expect(second.status).toBe(1);
		expect(second.stderr).toMatch(/another Innkeeper/);
		expect((await visit(house, 'hello.test')).status).toBe(200);
	} finally {
		await house.discard();
	}
});

test('a tenant’s own public address is open while it sleeps, wakes it, and closes with the house', async () => {
	const house = await House.start({
		tenants: {
			echo: {
				yaml: {
					id: 110,
					name: 'echo',
					addresses: ['127.0.5.77:7707/tcp'],
					port: 7707,
					idle: { stop: '300ms' },
					command: ['node', 'echo.mjs'],
				},
				files: { 'echo.mjs': "import { createServer } from 'node:net'; createServer((s) => s.pipe(s)).listen(7707);" },
			},
		},
	});
	try {
		expect((await house.row('echo')).state).toBe('stopped');
		expect(await echo('127.0.5.77', 7707, 'knock')).toBe('knock');
		expect((await house.row('echo')).state).toBe('ready');
		while ((await house.row('echo')).state !== 'stopped') await new Promise((resolve) => setTimeout(resolve, 20));
		expect(await echo('127.0.5.77', 7707, 'again')).toBe('again');
		await house.stop();
		await expect(echo('127.0.5.77', 7707, 'closed')).rejects.toThrow(/ECONNREFUSED/);
	} finally {
		await house.discard();
	}
});

function echo(host: string, port: number, text: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(port, host, () => socket.end(text));
		let heard = '';
		socket.on('data', (chunk) => {
			heard += chunk;
		});
		socket.on('close', () => resolve(heard));
		socket.on('error', reject);
	});
}
