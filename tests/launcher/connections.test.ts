import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { hexAddress, readTraffic, TrafficTable } from '../../launcher/connections.ts';

test('addresses are written as the kernel writes them', () => {
	expect(hexAddress('127.0.5.1')).toBe('0105007F');
	expect(hexAddress('::1')).toBe('00000000000000000000000001000000');
	expect(hexAddress('2001:db8::5')).toBe('B80D0120000000000000000005000000');
});

test('a connection counts while it lasts, also when the visitor has closed its half; one that was not accepted yet waits', async () => {
	const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const here = { address: '127.0.0.1', port };
	const now = async (): Promise<object> => (await readTraffic(process.pid)).at(here);
	expect(await now()).toEqual({ open: 0, waiting: 0 });
	const visitor = connect(port, '127.0.0.1');
	const [socket] = await once(server, 'connection');
	expect(await now()).toEqual({ open: 1, waiting: 0 });
	expect((await readTraffic(process.pid)).at({ address: '0.0.0.0', port })).toEqual({ open: 1, waiting: 0 });
	visitor.end();
	await once(socket.resume(), 'end');
	expect(await now()).toEqual({ open: 1, waiting: 0 });
	socket.destroy();
	await once(socket, 'close');
	expect(await now()).toEqual({ open: 0, waiting: 0 });
	server.close();
});

test('who was not accepted yet waits; who only listens, or is over, does not count', () => {
	const row = (state: string, inode: number): string =>
		`   0: 0105007F:0019 0100007F:C000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
	const table = [
		'head',
		row('0A', 7),
		row('01', 8),
		row('01', 0),
		row('08', 0),
		row('06', 0),
		row('05', 0),
		row('05', 9),
	];
	expect(new TrafficTable(table.join('\n')).at({ address: '127.0.5.1', port: 25 })).toEqual({ open: 2, waiting: 2 });
});
