import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { failures, look, visit } from '../../../bench/load/visitor.ts';

/** A server that gives every visitor these bytes, then closes. */
async function answering(bytes: string): Promise<Server> {
	const server = createServer((socket) => socket.once('data', () => socket.end(bytes)).on('error', () => {}));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

async function outcomeOf(bytes: string): Promise<string> {
	const server = await answering(bytes);
	const outcome = await visit((server.address() as AddressInfo).port, 'a.test');
	server.close();
	return outcome;
}

describe('a visitor of the bench', () => {
	test.each([
		['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', '200'],
		['HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n', '503'],
		['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi', 'half a body'],
		['HTTP/1.1 200 OK\r\nContent-', 'half a head'],
		['', 'closed without an answer'],
	])('takes %j for %s', async (bytes, expected) => {
		expect(await outcomeOf(bytes)).toBe(expected);
	});

	test('tells a refused connection by its code', async () => {
		const server = await answering('');
		const { port } = server.address() as AddressInfo;
		server.close();
		await once(server, 'close');
		expect(await visit(port, 'a.test')).toBe('ECONNREFUSED');
	});

	test('reads how its tenant was found, and how long it took', async () => {
		const server = await answering('HTTP/1.1 200 OK\r\nInnkeeper-Wake: start\r\nContent-Length: 2\r\n\r\nhi');
		const sight = await look((server.address() as AddressInfo).port, 'a.test');
		server.close();
		expect(sight).toEqual({ outcome: '200', wake: 'start', ms: expect.any(Number) });
		expect(sight.ms).toBeGreaterThan(0);
	});

	test('counts what went wrong by kind, and says nothing where all went well', () => {
		expect(failures(['200', '503', 'ECONNRESET', '503'])).toBe('503 ×2, ECONNRESET ×1');
		expect(failures(['200', '200'])).toBeUndefined();
	});
});
