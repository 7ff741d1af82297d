import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Front, type RawConnection, type RawVisitor, stalled } from './front.ts';

let front: Front;
afterEach(() => front.close());

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: echo\r\n';

/** A visitor and a tenant whose connections have become a tunnel. */
async function tunnel(timeouts = {}): Promise<{ visitor: RawVisitor; connection: RawConnection }> {
	front = await Front.open({
		timeouts: { head: 60_000, idle: 60_000, body: 60_000, connect: 60_000, answer: 60_000, ...timeouts },
	});
	let hand: (connection: RawConnection) => void = () => {};
	const handed = new Promise<RawConnection>((resolve) => {
		hand = resolve;
	});
	await front.tenant((connection) => hand(connection));
	const visitor = front.visitor();
	visitor.get('/socket', UPGRADE);
	const connection = await handed;
	const head = await connection.head();
	expect(head).toMatch(/\r\nConnection: Upgrade\r\nUpgrade: echo\r\n/);
	connection.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst');
	expect(await visitor.upTo('\r\n\r\n')).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\nConnection: Upgrade\r\nUpgrade: echo\r\n/);
	expect(await visitor.count(5)).toBe('first');
	return { visitor, connection };
}

test('behind a 101 bytes pass both ways as they come, and each half closes by itself', async () => {
	const { visitor, connection } = await tunnel();
	visitor.send('to the tenant');
	expect(await connection.count(13)).toBe('to the tenant');
	connection.send('to the visitor');
	expect(await visitor.count(14)).toBe('to the visitor');
	visitor.socket.end();
	await connection.end();
	connection.send('last words');
	expect(await visitor.count(10)).toBe('last words');
	connection.socket.end();
	await visitor.end();
	const line = await front.logs();
	expect(line).toMatchObject({ status: 101, bytes: 29 });
	expect(line).not.toHaveProperty('error');
});

test('a tunnel is not cut by the deadlines of requests', async () => {
	const { visitor, connection } = await tunnel({ head: 30, idle: 30, body: 30, answer: 30 });
	await new Promise((resolve) => setTimeout(resolve, 200));
	visitor.send('still here');
	expect(await connection.count(10)).toBe('still here');
});

test('a tunnel holds the lease as long as it lasts, and back-pressure passes through it', async () => {
	const { visitor, connection } = await tunnel();
	connection.socket.pause();
	for (let i = 0; i < 1024; i++) visitor.socket.write(Buffer.alloc(64 << 10));
	await stalled(visitor);
	expect(visitor.socket.writableLength).toBeGreaterThan(16 << 20);
	expect(front.launcher.heardOf('release')).toHaveLength(0);
	let received = 0;
	connection.socket.removeAllListeners('data');
	connection.socket.on('data', (text: string) => {
		received += text.length;
	});
	connection.socket.resume();
	visitor.socket.end();
	await connection.end();
	expect(received).toBe(64 << 20);
});

test('a visitor who vanishes from a tunnel closes the tenant’s end', async () => {
	const { visitor, connection } = await tunnel();
	visitor.socket.resetAndDestroy();
	await connection.end();
});

test('a tenant that refuses the upgrade answers as ever', async () => {
	front = await Front.open();
	await front.tenant(async (connection) => {
		await connection.head();
		connection.answer('no');
	});
	const visitor = front.visitor();
	visitor.get('/', UPGRADE);
	expect(await visitor.answer()).toMatchObject({ status: 200, body: 'no' });
	visitor.get('/.innkeeper/health');
	expect(await visitor.answer()).toMatchObject({ status: 200 });
});

test('a 101 that nobody asked for is a broken answer', async () => {
	front = await Front.open();
	await front.tenant(async (connection) => {
		await connection.head();
		connection.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
	});
	const visitor = front.visitor();
	visitor.get();
	expect(await visitor.answer()).toMatchObject({ status: 502 });
	expect(await front.logs()).toMatchObject({ error: 'answer-bad-upgrade' });
});

test('Node’s own WebSocket client talks to a WebSocket server behind the edge', async () => {
	front = await Front.open();
	const server = createServer().on('upgrade', (request, socket) => {
		const accept = createHash('sha1')
			.update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
			.digest('base64');
		socket.write(
			`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
		);
		socket.on('data', (frame: Buffer) => {
			// RFC 6455 §5.2: a short masked frame is sent back unmasked.
			const length = (frame[1] as number) & 127;
			const content = frame.subarray(6, 6 + length).map((byte, i) => byte ^ (frame[2 + (i % 4)] as number));
			socket.write(Buffer.concat([Buffer.from([frame[0] as number, length]), content]));
			if (((frame[0] as number) & 15) === 8) socket.end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	front.know((server.address() as AddressInfo).port, { hosts: ['127.0.0.1'] });
	const text = randomBytes(20).toString('hex');
	const client = new WebSocket(`ws://127.0.0.1:${front.port}/`);
	const echoed = await new Promise((resolve, reject) => {
		client.onopen = () => client.send(text);
		client.onmessage = ({ data }) => resolve(data);
		client.onerror = reject;
	});
	expect(echoed).toBe(text);
	await new Promise((resolve) => {
		client.onclose = resolve;
		client.close();
	});
	await new Promise((resolve) => server.close(resolve));
});
