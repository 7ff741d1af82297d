// The smallest Node server: binds $PORT, or serves fd 3 where LISTEN_FDS is set (the bare floor).
import { createServer } from 'node:http';

const { LISTEN_FDS, PORT } = process.env;
const server = createServer((_request, response) => response.end('hello\n'));
server.listen(LISTEN_FDS === undefined ? Number(PORT) : { fd: 3 });
