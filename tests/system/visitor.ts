import { request } from 'node:http';
import { connect } from 'node:net';
import type { House } from './house.ts';

export interface Reply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}

/** One visit on a connection of its own. Rejects where the connection breaks before the answer is whole. */
export function visit(
	house: House,
	host: string,
	path = '/',
	options: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
	return new Promise((resolve, reject) => {
		const asked = request(
			{
				host: '127.0.0.1',
				port: house.port,
				path,
				method: options.method ?? 'GET',
				headers: { Host: host, Connection: 'close', ...options.headers },
				agent: false,
			},
			(response) => {
				let body = '';
				response.setEncoding('utf8');
				response.on('data', (chunk: string) => {
					body += chunk;
				});
				response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
				response.on('error', reject);
			},
		);
		asked.on('error', reject);
		asked.end(options.body);
	});
}

/** Sends bytes as they are and resolves with all that comes until the other side closes. */
export function exchange(house: House, bytes: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(house.port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
		let text = '';
		socket.setEncoding('latin1');
		socket.on('data', (chunk: string) => {
			text += chunk;
		});
		socket.on('end', () => socket.end());
		socket.on('close', () => resolve(text));
		socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
	});
}
