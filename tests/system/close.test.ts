import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { call, callAndStay } from './caller.ts';
import { freePort } from './freeport.ts';
import { House, type TenantFiles } from './house.ts';
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

test('who comes while the house closes is refused or told so, and never reset', async () => {
	const house = await House.start({ tenants });
	try {
		await visit(house, 'hello.test');
		const slow = visit(house, 'hello.test', '/slow');
		const met: Record<string, number> = {};
		let over = false;
		const stream = async (): Promise<void> => {
			while (!over) {
				const outcome = await newcomer(house.port);
				met[outcome] = (met[outcome] ?? 0) + 1;
			}
		};
		const streams = Array.from({ length: 20 }, stream);
		await new Promise((resolve) => setTimeout(resolve, 200));
		await house.stop();
		over = true;
		await Promise.all(streams);
		expect((await slow).status).toBe(200);
		const { 200: served, 503: told, ECONNREFUSED: refused, ...others } = met;
		expect(others).toEqual({});
		expect(served).toBeGreaterThan(0);
		expect((told ?? 0) + (refused ?? 0)).toBeGreaterThan(0);
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

test('who comes to a tenant’s own address while the house closes is refused or answered, and waits for nobody', async () => {
	const ports = { used: await freePort(), asleep: await freePort() };
	const tenant = (id: number, name: 'used' | 'asleep'): TenantFiles => ({
		yaml: {
			id,
			name,
			addresses: [`127.0.0.1:${ports[name]}/tcp`],
			command: ['node', 'echo.mjs'],
			stop: { drain: '10m' },
		},
		files: {
			'echo.mjs':
				"import { createServer } from 'node:net'; createServer((s) => s.on('error', () => {}).on('data', (word) => (String(word) === 'stop' ? s.end(word) : s.write(word)))).listen(process.env.PORT);",
		},
	});
	const house = await House.start({ tenants: { used: tenant(101, 'used'), asleep: tenant(102, 'asleep') } });
	try {
		const stays = await callAndStay(ports.used, 'stays');
		const stop = house.stop();
		while (!house.output.includes('innkeeper: closing')) await new Promise((resolve) => setTimeout(resolve, 20));
		// While somebody stays the house cannot end: a newcomer who waited for its end would wait for himself.
		for (const port of [ports.used, ports.asleep, ports.used]) {
			expect(['echoed', 'ECONNREFUSED', 'ECONNRESET']).toContain(await comes(port));
			await new Promise((resolve) => setTimeout(resolve, 500));
		}
		const again = once(stays, 'data');
		stays.write('still');
		expect(`${(await again)[0]}`).toBe('still');
		stays.destroy();
		await stop;
	} finally {
		await house.discard();
	}
});

/** What becomes of a visitor at a TCP address who says a word. */
async function comes(port: number): Promise<string> {
	const { heard, end } = await call(port, 'stop');
	return heard === 'stop' ? 'echoed' : end;
}

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

/** What one new connection and its request come to: a status, or the code of the error. */
function newcomer(port: number): Promise<string> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () =>
			socket.write('GET / HTTP/1.1\r\nHost: hello.test\r\nConnection: close\r\n\r\n'),
		);
		let text = '';
		socket.setEncoding('latin1');
		socket.on('data', (more: string) => {
			text += more;
		});
		socket.on('error', (error: NodeJS.ErrnoException) => resolve(text.slice(9, 12) || (error.code ?? 'error')));
		socket.on('close', () => resolve(text.slice(9, 12) || 'nothing'));
	});
}
