import { get } from 'node:http';

const PATIENCE_MS = 20_000;
const BODY = 'x'.repeat(1024);

/** Rejects where the waker's answer is not 200 with the 1 KiB that every server of the bench gives. */
export function checkAnswer(port: number, host: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = get(
			{ host: '127.0.0.1', port, headers: { Host: host, Connection: 'close' }, agent: false, timeout: PATIENCE_MS },
			(response) => {
				let body = '';
				response.setEncoding('latin1');
				response.on('data', (chunk: string) => {
					body += chunk;
				});
				response.once('error', reject);
				response.once('end', () => {
					if (response.statusCode === 200 && body === BODY) resolve();
					else reject(new Error(`it answers ${response.statusCode} with ${body.length} bytes: ${body.slice(0, 80)}`));
				});
			},
		);
		request.once('timeout', () => request.destroy(new Error('it gives no answer in time')));
		request.once('error', reject);
	});
}
