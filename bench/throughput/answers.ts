import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { visitedHost } from '../peers/proxy.ts';

const PATIENCE_MS = 5000;

/** Asks what every proxy here has to answer alike; gives what was different, or undefined where nothing was. Never rejects. */
export async function differenceOf(port: number, proxied: boolean): Promise<string | undefined> {
	try {
		const get = await ask(port, 'GET', '/bytes/1024');
		if (get.status !== 200) return `GET was answered ${get.status}`;
		if (get.body !== 'x'.repeat(1024)) return `GET gave ${get.body.length} other bytes`;
		if (get.length !== '1024') return `GET said content-length ${get.length}`;

		const head = await ask(port, 'HEAD', '/bytes/1024');
		if (head.status !== 200 || head.length !== '1024' || head.body !== '')
			return `HEAD was answered ${head.status}, content-length ${head.length}, ${head.body.length} bytes`;

		const message = 'a body that comes back\r\n\r\n'.repeat(100);
		const post = await ask(port, 'POST', '/echo', message);
		if (post.status !== 200 || post.body !== message)
			return `POST was answered ${post.status} with ${post.body.length} of ${message.length} bytes`;

		if (!proxied) return undefined;
		const seen = (await ask(port, 'GET', '/headers')).body;
		if (fieldOf(seen, 'Host') !== visitedHost) return `the upstream saw Host ${fieldOf(seen, 'Host')}`;
		const visitor = fieldOf(seen, 'X-Forwarded-For');
		if (!visitor?.endsWith('127.0.0.1')) return `the upstream saw X-Forwarded-For ${visitor}`;
		const missing = ['X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded', 'X-Request-Id'].filter(
			(name) => fieldOf(seen, name) === undefined,
		);
		return missing.length === 0 ? undefined : `the upstream saw no ${missing.join(', ')}`;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

interface Answer {
	readonly status: number | undefined;
	readonly length: string | undefined;
	readonly body: string;
}

async function ask(port: number, method: string, path: string, body = ''): Promise<Answer> {
	const headers: Record<string, string> = { Host: visitedHost };
	if (body !== '') headers['Content-Length'] = String(body.length);
	const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false, timeout: PATIENCE_MS });
	outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path} was not answered in time`)));
	outgoing.end(body);
	const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
	return { status: answer.statusCode, length: answer.headers['content-length'], body: await text(answer) };
}

/** A field of a head as it came; undefined where it is not there. */
function fieldOf(head: string, name: string): string | undefined {
	return new RegExp(`^${name}: *(.*?) *\r$`, 'im').exec(head)?.[1];
}
