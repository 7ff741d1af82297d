import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../tests/system/freeport.ts';
import { debianTool } from '../tool.ts';
import { Daemon } from './daemon.ts';
import type { WakerKind } from './waker.ts';

const nginx = '/usr/sbin/nginx';
/** Debian's name has PHP's version in it. */
const program = `/usr/sbin/${readdirSync('/usr/sbin').find((name) => /^php-fpm\d/.test(name)) ?? 'php-fpm'}`;
const root = process.getuid?.() === 0;

/** php-fpm with `pm = ondemand` (its manual's FPM configuration) behind nginx (its documentation's "PHP FastCGI Example"). */
export const fpm: WakerKind = {
	name: 'php-fpm ondemand + nginx',
	tools: [debianTool('php-fpm', program, ['-v'], 'php-fpm'), debianTool('nginx', nginx, ['-v'], 'nginx-light')],
	serves: ({ slug }) => slug === 'php',
	start: async (server, folder) => {
		const port = await freePort();
		const own = join(folder, 'fpm');
		await mkdir(own, { recursive: true });
		const socket = join(own, 'fpm.sock');
		await writeFile(join(own, 'fpm.conf'), pool(own, socket));
		await writeFile(join(own, 'nginx.conf'), site(port, socket, join(server.folder, 'hello.php')));
		const manager = await Daemon.start([program, '--nodaemonize', '--fpm-config', join(own, 'fpm.conf')], {
			at: socket,
		});
		let door: Daemon;
		try {
			door = await Daemon.start([nginx, '-p', own, '-e', join(own, 'error.log'), '-c', 'nginx.conf'], { at: port });
		} catch (error) {
			await manager.end();
			throw error;
		}
		return {
			port,
			host: 'bench.test',
			note: 'at rest 1 to 2 s behind a visit: its idle time is whole seconds; a fork of PHP, not a new one',
			rest: async () => {},
			isAsleep: () => manager.descendants().length === 0,
			end: async () => {
				await door.end();
				await manager.end();
			},
		};
	},
};

function pool(folder: string, socket: string): string {
	return `
[global]
error_log = ${join(folder, 'fpm.log')}
pid = ${join(folder, 'fpm.pid')}
daemonize = no
[www]
${root ? 'user = nobody\ngroup = nogroup\nlisten.mode = 0666' : ''}
listen = ${socket}
pm = ondemand
pm.max_children = 5
pm.process_idle_timeout = 1s
`;
}

function site(port: number, socket: string, page: string): string {
	return `
daemon off;
worker_processes 1;
pid nginx.pid;
${root ? 'user root;' : ''}
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	server {
		listen 127.0.0.1:${port};
		location / {
			fastcgi_pass unix:${socket};
			fastcgi_param SCRIPT_FILENAME ${page};
			fastcgi_param QUERY_STRING $query_string;
			fastcgi_param REQUEST_METHOD $request_method;
			fastcgi_param CONTENT_TYPE $content_type;
			fastcgi_param CONTENT_LENGTH $content_length;
			fastcgi_param REQUEST_URI $request_uri;
			fastcgi_param SERVER_PROTOCOL $server_protocol;
			fastcgi_param REMOTE_ADDR $remote_addr;
		}
	}
}
`;
}
