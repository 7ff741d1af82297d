// http-proxy-3 as its readme shows it: a keep-alive agent, xfwd for the X-Forwarded-* fields, `proxyReq` for the others, WebSockets by
// `upgrade`. It writes no access log, having none, which is in its favour. Environment: PORT, UPSTREAM (a port).
import { randomUUID } from 'node:crypto';
import { Agent, createServer } from 'node:http';
import { createProxyServer } from 'http-proxy-3';

const proxy = createProxyServer({
	target: `http://127.0.0.1:${process.env.UPSTREAM}`,
	agent: new Agent({ keepAlive: true }),
	xfwd: true,
});
proxy.on('proxyReq', (outgoing, request) => {
	outgoing.setHeader('Forwarded', `for=${request.socket.remoteAddress};host=${request.headers.host};proto=http`);
	outgoing.setHeader('X-Request-Id', randomUUID());
});
proxy.on('error', (_error, _request, response) => {
	if ('writeHead' in response && !response.headersSent) response.writeHead(502).end();
	else response.destroy();
});
createServer((request, response) => proxy.web(request, response))
	.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head))
	.listen(Number(process.env.PORT), '127.0.0.1', 4096);
