import { get } from 'node:http';

/** The body of a GET on the loopback. */
export function visit(port: number, path = '/', host = '127.0.0.1'): Promise<string> {
	return new Promise((resolve, reject) => {
		const request = get({ host, port, path, agent: false }, (answer) => {
			let body = '';
			answer.on('data', (chunk) => {
				body += chunk;
			});
			answer.on('end', () => resolve(body));
			answer.on('error', reject);
		});
		request.on('error', reject);
	});
}
