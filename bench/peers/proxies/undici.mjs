// Node's HTTP server before an undici pool. Dispatcher.stream is what undici's documentation gives for writing an answer straight to a
// Writable, with `opaque` in place of a closure for each request. No access log: there is nothing that would write one, which is in
// its favour. Environment: PORT, UPSTREAM (a port).
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(`http://127.0.0.1:${process.env.UPSTREAM}`);

createServer((request, response) => {
	const { connection, 'keep-alive': _keepAlive, 'transfer-encoding': chunked, expect, ...headers } = request.headers;
	const client = request.socket.remoteAddress;
	headers['x-forwarded-for'] = client;
	headers['x-forwarded-proto'] = 'http';
	headers['x-forwarded-host'] = headers.host;
	headers.forwarded = `for=${client};host=${headers.host};proto=http`;
	headers['x-request-id'] = randomUUID();
	const hasBody = chunked !== undefined || headers['content-length'] !== undefined;
	const options = {
		method: request.method,
		path: request.url,
		headers,
		body: hasBody ? request : null,
		opaque: response,
	};
	pool.stream(options, answer, (error) => {
		if (error === null) return;
		if (response.headersSent) response.destroy();
		else response.writeHead(502).end();
	});
}).listen(Number(process.env.PORT), '127.0.0.1', 4096);

function answer({ statusCode, headers, opaque }) {
	const { connection, 'keep-alive': _keepAlive, 'transfer-encoding': _chunked, ...rest } = headers;
	return opaque.writeHead(statusCode, rest);
}
