import type { TenantFiles } from '../house.ts';

/**
 * A plain Node server that tells its pid (as it sees it), a word that no other instance has, its VPS id, what it was asked for, and how
 * many it has left without an answer (`/never`); `/slow` answers after a second, `/stream` never ends.
 */
const helloProgram = `
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
const birth = crypto.randomUUID();
let left = 0;
createServer((request, response) => {
	const body = JSON.stringify({ pid: process.pid, birth, id: process.env.VPS_ID, url: request.url, headers: request.headers, left });
	if (request.url === '/die') process.kill(process.pid, 'SIGKILL');
	if (request.url === '/slow') setTimeout(() => response.end(body), 1000);
	else if (request.url === '/never') left++;
	else if (request.url === '/stream') { response.write('first\\n'); }
	else if (request.url === '/flood') { spawn('yes', { stdio: ['ignore', 'inherit', 'ignore'] }); response.end(body); }
	else response.end(body);
}).listen(process.env.PORT);
`;

/** A tenant that runs it. */
export function hello(id: number, name: string, keys: Readonly<Record<string, unknown>> = {}): TenantFiles {
	return {
		yaml: { id, name, hosts: [`${name}.test`], command: ['node', 'server.mjs'], ...keys },
		files: { 'server.mjs': helloProgram },
	};
}

/** What it answers. */
export interface Hello {
	readonly pid: number;
	readonly birth: string;
	readonly id: string;
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly left: number;
}

/** Escapes as daemons do: a grandchild in a session of its own, orphaned, deaf to SIGTERM; its pid goes to the answer. */
const escapeProgram = `
import os, signal, sys, http.server
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(write, str(os.getpid()).encode())
        while True:
            signal.pause()
    os._exit(0)
os.wait()
grandchild = os.read(read, 20)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(grandchild)))
        self.end_headers()
        self.wfile.write(grandchild)
    def log_message(self, *args):
        pass
http.server.HTTPServer(('', int(os.environ['PORT'])), Answer).serve_forever()
`;

export function escaping(id: number, name: string): TenantFiles {
	return {
		yaml: {
			id,
			name,
			hosts: [`${name}.test`],
			command: ['python3', 'server.py'],
			stop: { grace: '300ms', drain: '1s' },
		},
		files: { 'server.py': escapeProgram },
	};
}

/** Ends before it listens. */
export function crashing(id: number, name: string): TenantFiles {
	return {
		yaml: { id, name, hosts: [`${name}.test`], command: ['node', '-e', 'console.log("no luck"); process.exit(3)'] },
	};
}

/** Never listens. */
export function stuck(id: number, name: string): TenantFiles {
	return {
		yaml: {
			id,
			name,
			hosts: [`${name}.test`],
			command: ['node', '-e', 'setInterval(() => {}, 1000)'],
			start: { timeout: '500ms' },
			stop: { grace: '200ms' },
		},
	};
}

/** Answers every connection with these bytes and closes it. */
export function answering(id: number, name: string, bytes: string): TenantFiles {
	const program = `
import { createServer } from 'node:net';
createServer((socket) => {
	socket.on('error', () => {});
	socket.once('data', () => socket.end(Buffer.from(${JSON.stringify(bytes)}, 'latin1')));
}).listen(process.env.PORT);
`;
	return {
		yaml: { id, name, hosts: [`${name}.test`], command: ['node', 'server.mjs'] },
		files: { 'server.mjs': program },
	};
}
