// The smallest Node server: 1 KiB to everybody. Binds $PORT, serves fd 3 where LISTEN_FDS is set (the bare floor), or, where INETD is
// set, the one connection that is its stdin.
import { createServer } from 'node:http';
import { Socket } from 'node:net';

const { INETD, LISTEN_FDS, PORT } = process.env;
const body = 'x'.repeat(1024);
const server = createServer((_request, response) => response.setHeader('Content-Type', 'text/plain').end(body));
if (INETD !== undefined) server.emit('connection', new Socket({ fd: 0 }));
else server.listen(LISTEN_FDS === undefined ? Number(PORT) : { fd: 3 });
