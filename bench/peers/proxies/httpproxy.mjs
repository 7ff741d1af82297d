// http-proxy as its readme shows it, with a keep-alive agent and the X-Forwarded-* fields. Environment: PORT, UPSTREAM (a port).
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';

const proxy = httpProxy.createProxyServer({
	target: `http://127.0.0.1:${process.env.UPSTREAM}`,
	agent: new Agent({ keepAlive: true }),
	xfwd: true,
});
proxy.on('error', (_error, _request, response) => response.writeHead(502).end());
createServer((request, response) => proxy.web(request, response)).listen(Number(process.env.PORT), '127.0.0.1', 4096);
