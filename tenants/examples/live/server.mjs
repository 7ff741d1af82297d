// What is said over a WebSocket (/chat) is heard by all; how many are there comes by server-sent events (/people).
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { acceptWebSocket } from './websocket.mjs';

const page = readFileSync(new URL('page.html', import.meta.url), 'utf8').replace('ROOM', process.env.ROOM);
const talkers = new Set();
const watchers = new Set();

const server = createServer((request, response) => {
	if (request.url === '/people') {
		response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
		watchers.add(response);
		response.on('close', () => watchers.delete(response));
		tellPeople();
	} else {
		response.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
		response.end(request.url === '/' ? page : 'There is nothing here.\n');
	}
});

server.on('upgrade', (request, socket) => {
	const say = acceptWebSocket(request, socket, (text) => {
		for (const each of talkers) each(text.slice(0, 200));
	});
	talkers.add(say);
	tellPeople();
	socket.on('error', () => socket.destroy());
	socket.on('close', () => {
		talkers.delete(say);
		tellPeople();
	});
});

server.listen(process.env.PORT);

function tellPeople() {
	for (const watcher of watchers) watcher.write(`data: ${talkers.size}\n\n`);
}
