import type { EdgeSettings } from '../../launcher/protocol/edge.ts';
import { settings } from './fake-launcher.ts';
import { Front } from './front.ts';

let front: Front;
afterEach(() => front.close());

/** The head that the tenant gets for a GET with these fields. */
async function forwarded(fields: string, changes: Partial<EdgeSettings> = {}, host = 'hello.test'): Promise<string[]> {
	front = await Front.open(changes);
	let head = '';
	await front.tenant(
		async (connection) => {
			head = await connection.head();
			connection.answer();
		},
		{ hosts: ['hello.test'] },
	);
	const visitor = front.visitor();
	visitor.send(`GET /path HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
	await visitor.answer();
	return head.trimEnd().split('\r\n');
}

test('the tenant gets Host as it was sent and where the request came from', async () => {
	const head = await forwarded('', {}, 'Hello.Test:8080');
	expect(head).toEqual([
		'GET /path HTTP/1.1',
		'Host: Hello.Test:8080',
		'X-Forwarded-For: 127.0.0.1',
		'X-Forwarded-Proto: http',
		'X-Forwarded-Host: Hello.Test:8080',
		'Forwarded: for=127.0.0.1;proto=http;host="Hello.Test:8080"',
		'Via: 1.1 innkeeper',
		expect.stringMatching(/^X-Request-Id: [\w-]{14,}$/),
	]);
	expect((await front.logs())['id']).toBe(head[7]?.slice('X-Request-Id: '.length));
});

const SPOOFED =
	'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /evil\r\nX-Real-IP: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Request-Id: evil\r\n';

test('what a stranger says of where it comes from is replaced', async () => {
	const head = (await forwarded(SPOOFED)).join('\n');
	expect(head).not.toMatch(/1\.2\.3\.4|evil|https/);
	expect(await front.logs()).toMatchObject({ client: '127.0.0.1' });
});

test('what a trusted proxy says is kept and continued', async () => {
	const head = await forwarded(SPOOFED, { trustedProxies: ['127.0.0.0/8'] });
	expect(head).toContain('X-Forwarded-For: 1.2.3.4, 127.0.0.1');
	expect(head).toContain('X-Forwarded-Proto: https');
	expect(head).toContain('X-Forwarded-Host: evil');
	expect(head).toContain('X-Forwarded-Prefix: /evil');
	expect(head).toContain('Forwarded: for=1.2.3.4;proto=https;host=evil, for=127.0.0.1');
	expect(head).toContain('X-Request-Id: evil');
	expect(head.join('\n')).not.toContain('X-Real-IP');
	expect(await front.logs()).toMatchObject({ client: '1.2.3.4', id: 'evil' });
});

describe('of a trusted proxy only the fields of the family that it uses are believed', () => {
	const trustedProxies = ['127.0.0.0/8'];

	test.each([
		['x-forwarded', 'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6;host=evil\r\n'],
		['x-forwarded', 'X-Forwarded-For: 1.2.3.4\r\nForwarded: for="6.6.6.6\r\nX-Forwarded-Proto: https\r\n'],
		['forwarded', 'Forwarded: for=1.2.3.4;proto=https\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\n'],
		['forwarded', 'X-Forwarded-Port: 6\r\nForwarded: for="6.6.6.6\r\nForwarded: for=1.2.3.4;proto=https\r\n'],
	] as const)('%s: %j', async (trustedHeaders, fields) => {
		const head = await forwarded(fields, { trustedProxies, trustedHeaders });
		expect(head.filter((line) => /forwarded/i.test(line))).toEqual([
			'X-Forwarded-For: 1.2.3.4, 127.0.0.1',
			'X-Forwarded-Proto: https',
			'X-Forwarded-Host: hello.test',
			'Forwarded: for=1.2.3.4;proto=https;host=hello.test, for=127.0.0.1',
		]);
		expect(await front.logs()).toMatchObject({ client: '1.2.3.4' });
	});

	test.each(['x-forwarded', 'forwarded'] as const)('%s: a stranger’s are not', async (trustedHeaders) => {
		const head = await forwarded(SPOOFED, { trustedHeaders });
		expect(head.join('\n')).not.toMatch(/1\.2\.3\.4|evil|https/);
	});
});

describe('Via', () => {
	test('goes on with the version that the visitor spoke, and not without a name', async () => {
		expect(await forwarded('Via: 1.0 before\r\n')).toEqual(
			expect.arrayContaining(['Via: 1.0 before', 'Via: 1.1 innkeeper']),
		);
		await front.close();
		expect((await forwarded('', { via: undefined })).join('\n')).not.toMatch(/via/i);
	});

	test('follows the config, also for a head that repeats on its connection', async () => {
		front = await Front.open();
		const heads: string[] = [];
		await front.tenant(async (connection) => {
			for (;;) {
				heads.push(await connection.head());
				connection.answer();
			}
		});
		const visitor = front.visitor();
		visitor.get();
		await visitor.answer();
		front.launcher.say({ type: 'settings', settings: { ...settings, via: 'other' } });
		while (front.edge.settings.via !== 'other') await new Promise((resolve) => setImmediate(resolve));
		visitor.get();
		await visitor.answer();
		expect(heads.map((head) => /Via: .*/.exec(head)?.[0])).toEqual(['Via: 1.1 innkeeper', 'Via: 1.1 other']);
	});

	test('of a tenant’s answer is left as it is: the visitor does not see us', async () => {
		front = await Front.open();
		await front.tenant(async (connection) => {
			expect(await connection.head()).toContain('\r\nVia: 1.0 innkeeper\r\n');
			connection.answer('ok', 'Via: 1.1 tenant\r\n');
		});
		const visitor = front.visitor();
		visitor.send('GET / HTTP/1.0\r\nHost: hello.test\r\n\r\n');
		expect((await visitor.answer()).head.match(/^Via.*/gm)).toEqual(['Via: 1.1 tenant']);
	});
});

describe('Max-Forwards', () => {
	async function asked(method: string, value: string): Promise<{ status: number; heard: string | undefined }> {
		front = await Front.open();
		let heard: string | undefined;
		await front.tenant(async (connection) => {
			heard = /Max-Forwards: (.*)\r\n/.exec(await connection.head())?.[1];
			connection.answer();
		});
		const visitor = front.visitor();
		visitor.send(`${method} / HTTP/1.1\r\nHost: hello.test\r\nMax-Forwards: ${value}\r\n\r\n`);
		return { status: (await visitor.answer()).status, heard };
	}

	test.each([
		['OPTIONS', '10', '9'],
		['TRACE', '1', '0'],
		['OPTIONS', '-1', '-1'],
		['GET', '0', '0'],
	])('of %s %s goes on as %s', async (method, value, expected) => {
		expect(await asked(method, value)).toEqual({ status: 200, heard: expected });
	});

	test.each([
		['OPTIONS', 200],
		['TRACE', 501],
	])('of %s at 0 is answered here, and wakes nobody', async (method, status) => {
		expect(await asked(method, '0')).toEqual({ status, heard: undefined });
		expect(front.launcher.heardOf('acquire')).toEqual([]);
	});
});

test('names with an underscore and the fields of the visitor’s connection are dropped', async () => {
	const head = await forwarded(
		'X_Forwarded_For: 1.2.3.4\r\nContent_Length: 5\r\nConnection: keep-alive, X-Mine\r\nKeep-Alive: timeout=5\r\nX-Mine: 1\r\nProxy-Connection: close\r\nTE: trailers, gzip\r\nUpgrade: h2c\r\nAccept: */*\r\n',
	);
	expect(head.slice(1).map((line) => line.slice(0, line.indexOf(':')))).toEqual([
		'Host',
		'TE',
		'Accept',
		'X-Forwarded-For',
		'X-Forwarded-Proto',
		'X-Forwarded-Host',
		'Forwarded',
		'Via',
		'Connection',
		'X-Request-Id',
	]);
	expect(head).toContain('TE: trailers');
});

test('the tenant’s own hop-by-hop fields do not reach the visitor, and an answer without Date gets one', async () => {
	front = await Front.open();
	await front.tenant(async (connection) => {
		await connection.head();
		connection.answer('ok', 'Keep-Alive: timeout=5\r\nConnection: X-Secret\r\nX-Secret: 1\r\nServer: mine\r\n');
	});
	const visitor = front.visitor();
	// Whole seconds, as Date has them.
	const asked = Math.floor(Date.now() / 1000) * 1000;
	visitor.get();
	const { head } = await visitor.answer();
	expect(head).not.toMatch(/keep-alive|x-secret|connection/i);
	expect(head).toContain('\r\nServer: mine\r\n');
	const [, date = ''] = /\r\nDate: ([^\r]+)\r\n/.exec(head) ?? [];
	expect(Date.parse(date)).toBeGreaterThanOrEqual(asked);
	expect(Date.parse(date)).toBeLessThanOrEqual(Date.now());
});

test('with debugHeaders the answer tells the tenant, the wake and the times', async () => {
	front = await Front.open({ debugHeaders: true });
	await front.tenant(async (connection) => {
		for (;;) {
			await connection.head();
			connection.answer();
		}
	});
	const visitor = front.visitor();
	visitor.get();
	const { head } = await visitor.answer();
	expect(head).toContain('\r\nInnkeeper-Tenant: hello\r\n');
	expect(head).toContain('\r\nInnkeeper-Wake: start\r\n');
	expect(head).toMatch(/\r\nServer-Timing: wake;dur=3\.0, activate;dur=\d+\.\d, answer;dur=\d+\.\d\r\n/);
	visitor.get();
	expect((await visitor.answer()).head).toContain('\r\nInnkeeper-Wake: none\r\n');
});

test('a head that repeats is passed on as the first time, but for its id; one that differs is read anew', async () => {
	front = await Front.open();
	const heads: string[] = [];
	await front.tenant(async (connection) => {
		for (let i = 0; ; i++) {
			heads.push(await connection.head());
			connection.answer(`${i}`, i < 2 ? 'Date: now\r\nX-Same: 1\r\n' : 'Date: now\r\nX-Other: 1\r\n');
		}
	});
	const visitor = front.visitor();
	const answers: string[] = [];
	for (const fields of ['A: 1\r\n', 'A: 1\r\n', 'A: 2\r\n', 'A: 2\r\nConnection: close\r\n']) {
		visitor.get('/', fields);
		const { head, body } = await visitor.answer();
		answers.push(`${/X-\w+: 1/.exec(head)?.[0]} ${/Connection: close/.exec(head)?.[0]} ${body}`);
	}
	const ids = heads.map((head) => /X-Request-Id: (.*)\r\n/.exec(head)?.[1]);
	expect(new Set(ids).size).toBe(4);
	expect(heads[1]?.replace(/Id: .*/, '')).toBe(heads[0]?.replace(/Id: .*/, ''));
	expect(heads.map((head) => /\r\nA: (\d)/.exec(head)?.[1])).toEqual(['1', '1', '2', '2']);
	expect(answers).toEqual([
		'X-Same: 1 undefined 0',
		'X-Same: 1 undefined 1',
		'X-Other: 1 undefined 2',
		'X-Other: 1 Connection: close 3',
	]);
});

test('an answer to HEAD is not taken for the one to GET with the same bytes, nor the other way round', async () => {
	front = await Front.open();
	const answer = 'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\n\r\n';
	const tenant = await front.tenant(async (connection) => {
		for (;;) connection.send((await connection.head()).startsWith('HEAD') ? answer : `${answer}hello`);
	});
	const visitor = front.visitor();
	for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'HEAD', 'GET']) {
		visitor.send(`${method} / HTTP/1.1\r\nHost: hello.test\r\n\r\n`);
		await visitor.upTo('\r\n\r\n');
		if (method === 'GET') expect(await visitor.count(5)).toBe('hello');
		expect(visitor.text).toBe('');
	}
	expect(tenant.connections).toHaveLength(1);
});
