import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { hasConnections, hexAddress } from '../../launcher/connections.ts';

test('addresses are written as the kernel writes them', () => {
	expect(hexAddress('127.0.5.1')).toBe('0105007F');
	expect(hexAddress('::1')).toBe('00000000000000000000000001000000');
	expect(hexAddress('2001:db8::5')).toBe('B80D0120000000000000000005000000');
});

test('a connection counts while it lasts', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	expect(await hasConnections(process.pid, '127.0.0.1', port)).toBe(false);
	const visitor = connect(port, '127.0.0.1');
	const [socket] = await once(server, 'connection');
	expect(await hasConnections(process.pid, '127.0.0.1', port)).toBe(true);
	visitor.destroy();
	await once(
		socket.on('error', () => {}),
		'close',
	);
	expect(await hasConnections(process.pid, '127.0.0.1', port)).toBe(false);
	server.close();
});
