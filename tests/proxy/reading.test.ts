import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { readInto } from '../../proxy/reading.ts';

interface Pair {
	readonly client: Socket;
	readonly accepted: Socket;
	end(): Promise<void>;
}

async function pair(): Promise<Pair> {
	const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
	const [accepted] = (await once(server, 'connection')) as [Socket];
	const end = async (): Promise<void> => {
		client.destroy();
		await new Promise((resolve) => server.close(resolve));
	};
	return { client, accepted, end };
}

test('on this Node all connections are read into the same memory', async () => {
	const pairs = [await pair(), await pair()];
	const memories = new Set<ArrayBufferLike>();
	for (const { client, accepted, end } of pairs) {
		const { promise, resolve } = Promise.withResolvers<string>();
		const socket = readInto(accepted, (bytes, end) => {
			memories.add(bytes.buffer);
			resolve(bytes.toString('latin1', 0, end));
		});
		expect(socket).not.toBe(accepted);
		client.write('knock');
		expect(await promise).toBe('knock');
		socket.destroy();
		await end();
	}
	expect(memories.size).toBe(1);
});

test('the socket that it gives knows its other end, pauses, goes on, hears the end and writes', async () => {
	const { client, accepted, end } = await pair();
	let heard = '';
	const socket = readInto(accepted, (bytes, length) => {
		heard += bytes.toString('latin1', 0, length);
	});
	expect(socket.remoteAddress).toBe('127.0.0.1');
	socket.pause();
	client.write('one');
	await new Promise((resolve) => setTimeout(resolve, 30));
	expect(heard).toBe('');
	socket.resume();
	client.end('two');
	await once(socket, 'end');
	expect(heard).toBe('onetwo');
	client.setEncoding('latin1');
	socket.end('answer');
	expect(await once(client, 'data')).toEqual(['answer']);
	socket.destroy();
	await end();
});

test('where a socket shows no handle, it is read the documented way', async () => {
	const { client, accepted, end } = await pair();
	const handle = Reflect.get(accepted, '_handle');
	Reflect.set(accepted, '_handle', undefined);
	const { promise, resolve } = Promise.withResolvers<string>();
	const socket = readInto(accepted, (bytes, length) => resolve(bytes.toString('latin1', 0, length)));
	Reflect.set(accepted, '_handle', handle);
	expect(socket).toBe(accepted);
	client.write('knock');
	expect(await promise).toBe('knock');
	socket.destroy();
	await end();
});
