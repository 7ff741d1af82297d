// Sends back what it gets, from the visitor's own address. It binds its port as ever; the socket it gets is the one at 127.0.5.1.
import { createServer } from 'node:net';

createServer((visitor) => {
	visitor.on('error', () => visitor.destroy());
	visitor.write(`Hello, ${visitor.remoteAddress}. I send back what you say.\n`);
	visitor.pipe(visitor);
}).listen(process.env.PORT);
