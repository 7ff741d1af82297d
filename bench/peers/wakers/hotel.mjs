// hotel's daemon, but for one thing: its second door, for HTTPS, is open to the whole network, and a bench opens no such door.
import { Server } from 'node:net';

const { listen } = Server.prototype;
Server.prototype.listen = function (port, ...rest) {
	const everywhere = typeof port === 'number' && typeof rest[0] !== 'string';
	return everywhere ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};
await import('hotel/lib/daemon/index.js');
