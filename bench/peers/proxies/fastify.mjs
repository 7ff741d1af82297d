// @fastify/http-proxy as its readme shows it, with undici, its default, and Fastify's logger: one line a request with what Fastify knows of
// the edge's fields, in place of its usual two. Environment: PORT, UPSTREAM (a port), LOG (a file).
import { randomUUID } from 'node:crypto';
import proxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const server = Fastify({
	logger: { file: process.env.LOG },
	disableRequestLogging: true,
	bodyLimit: 16 * 1024 * 1024,
	genReqId: () => randomUUID(),
});
server.addHook('onResponse', (request, reply, done) => {
	request.log.info({
		client: request.ip,
		method: request.method,
		host: request.headers.host,
		target: request.url,
		status: reply.statusCode,
		bytes: reply.getHeader('content-length'),
		total: reply.elapsedTime,
	});
	done();
});
server.register(proxy, {
	upstream: `http://127.0.0.1:${process.env.UPSTREAM}`,
	websocket: true,
	replyOptions: {
		rewriteRequestHeaders: (request, headers) => ({
			...headers,
			host: request.headers.host,
			'x-forwarded-for': request.ip,
			'x-forwarded-proto': 'http',
			'x-forwarded-host': request.headers.host,
			forwarded: `for=${request.ip};host=${request.headers.host};proto=http`,
			'x-request-id': request.id,
		}),
	},
});
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
