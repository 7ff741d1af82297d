import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { processTree } from '../../../tests/system/processes.ts';
import { startServer } from '../../method/server.ts';
import type { Peer } from '../proxy.ts';

/** nginx as a reverse proxy with one worker, upstream keep-alive, the edge's forwarding fields and the edge's log fields. */
export async function startNginx(folder: string, upstream: number): Promise<Peer> {
	const port = await freePort();
	const prefix = join(folder, 'nginx');
	await mkdir(prefix, { recursive: true });
	await writeFile(join(prefix, 'nginx.conf'), config(port, upstream));
	const server = await startServer(['nginx', '-p', prefix, '-e', 'error.log', '-c', 'nginx.conf'], port);
	const worker = processTree(server.pid).find((process) => process.parent === server.pid);
	if (worker === undefined) throw new Error('nginx has no worker');
	return { name: 'nginx', port, worker: worker.pid, end: server.end };
}

function config(port: number, upstream: number): string {
	return `
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 8192; }
http {
	log_format edge escape=json '${logFormat}';
	access_log access.log edge buffer=64k flush=1s;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	keepalive_requests 1000000000;
	keepalive_timeout 75s;
	upstream tenant {
		server 127.0.0.1:${upstream};
		keepalive 1024;
		keepalive_requests 1000000000;
	}
	server {
		listen 127.0.0.1:${port} backlog=4096;
		location / {
			proxy_pass http://tenant;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header X-Forwarded-Host $http_host;
			proxy_set_header Forwarded "for=$remote_addr;host=$http_host;proto=$scheme";
			proxy_set_header X-Request-Id $request_id;
		}
	}
}
`;
}

/** The edge's JSON access line (proxy/accesslog.ts), field by field; a constant where nginx knows nothing of the kind. */
const logFormat = [
	'{"time":"$time_iso8601","client":"$remote_addr","method":"$request_method"',
	'"host":"$http_host","target":"$request_uri","status":$status',
	'"bytes":$bytes_sent,"tenant":"static","wake":"none"',
	'"identify":0,"route":0,"activate":0,"connect":"$upstream_connect_time"',
	'"answer":"$upstream_header_time","total":$request_time,"id":"$request_id"}',
].join(',');
