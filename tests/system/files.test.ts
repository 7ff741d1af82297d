import { connect, type Socket } from 'node:net';
import { House } from './house.ts';
import { hello } from './tenants/programs.ts';

/** Far more visitors than a process has room for that may open 256 files. */
const VISITORS = 600;

test('where few files may be opened, those for whom there is room are served, all others told so, and nobody is closed without a word', async () => {
	const house = await House.start({
		by: 'ulimit -Sn 256 && ulimit -Hn 256 && exec "$@"',
		tenants: { hello: hello(101, 'hello') },
	});
	const sockets: Socket[] = [];
	try {
		expect(house.output).toMatch(/sizes\.connections: each worker has room for \d+ visitors: .* \(few-files\)/);
		const met: Record<string, number> = {};
		await Promise.all(
			Array.from({ length: VISITORS }, async () => {
				const outcome = await newcomer(house.port, sockets);
				met[outcome] = (met[outcome] ?? 0) + 1;
			}),
		);
		const { 200: served, 503: told, ...others } = met;
		expect(others).toEqual({});
		expect(served).toBeGreaterThanOrEqual(50);
		expect((served ?? 0) + (told ?? 0)).toBe(VISITORS);
	} finally {
		for (const socket of sockets) socket.destroy();
		await house.discard();
	}
});

/** What a request comes to: a status, or the error's code. Whoever is served keeps the connection. */
function newcomer(port: number, sockets: Socket[]): Promise<string> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n'));
		sockets.push(socket);
		let text = '';
		socket.setEncoding('latin1');
		socket.on('data', (more: string) => {
			text += more;
			if (text.startsWith('HTTP/1.1 200') && text.includes('\r\n\r\n')) resolve('200');
		});
		socket.on('error', (error: NodeJS.ErrnoException) => resolve(text.slice(9, 12) || (error.code ?? 'error')));
		socket.on('close', () => resolve(text.slice(9, 12) || 'nothing'));
	});
}
