import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import type { Message, Reading } from './readings.ts';

/** A connection without a network: what is pushed is read, what is written is lost. */
function connection(): Duplex {
	return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Gathers a message that is still coming; `whole` is set at its end. */
interface Gathered {
	readonly message: IncomingMessage;
	readonly body: Buffer[];
	whole: boolean;
}

function gather(message: IncomingMessage): Gathered {
	const gathered: Gathered = { message, body: [], whole: false };
	message.on('data', (chunk: Buffer) => gathered.body.push(chunk));
	message.on('end', () => {
		gathered.whole = message.complete;
	});
	message.on('error', () => {});
	return gathered;
}

function read({ message, body }: Gathered, start: string): Message {
	return { start, fields: message.rawHeaders, body: Buffer.concat(body).toString('latin1') };
}

/** Node's own server, whose parser is llhttp in strict mode, with Node's checks on top of it switched off. */
export class RequestReader {
	readonly #server: Server;
	#gathered: Gathered[] = [];
	#fault = '';

	constructor() {
		this.#server = createServer({ insecureHTTPParser: false, requireHostHeader: false, maxHeaderSize: 65_536 });
		for (const event of ['request', 'checkContinue', 'checkExpectation']) {
			this.#server.on(event, (message: IncomingMessage) => this.#gathered.push(gather(message)));
		}
		this.#server.on('upgrade', (message: IncomingMessage) => {
			this.#gathered.push({ message, body: [], whole: true });
			this.#fault = 'upgraded';
		});
		this.#server.on('clientError', (error: NodeJS.ErrnoException) => {
			this.#fault ||= error.code ?? error.message;
		});
	}

	async read(text: string): Promise<Reading> {
		this.#gathered = [];
		this.#fault = '';
		const visitor = connection();
		this.#server.emit('connection', visitor);
		visitor.push(Buffer.from(text, 'latin1'));
		for (let turns = 0; turns < 3; turns++) await turn();
		const end = this.#fault === '' ? 'open' : this.#fault;
		const whole = this.#gathered.filter((gathered) => gathered.whole);
		visitor.destroy();
		await turn();
		return { messages: whole.map((each) => read(each, `${each.message.method} ${each.message.url}`)), end };
	}
}

/** Node's own client, likewise; the connection ends behind the text. Interim responses are read but not kept. */
export async function readResponse(text: string, method: string): Promise<Reading> {
	const tenant = connection();
	let gathered: Gathered | undefined;
	let fault = '';
	const asked = request({ method, createConnection: () => tenant, insecureHTTPParser: false, maxHeaderSize: 65_536 });
	asked.on('response', (message) => {
		gathered = gather(message);
	});
	asked.on('upgrade', () => {
		fault = 'upgraded';
	});
	asked.on('error', (error: NodeJS.ErrnoException) => {
		// The connection ended too early: a fault of the text's length alone.
		if (error.code !== 'ECONNRESET') fault ||= error.code ?? error.message;
	});
	asked.end();
	await turn();
	tenant.push(Buffer.from(text, 'latin1'));
	tenant.push(null);
	for (let turns = 0; turns < 4; turns++) await turn();
	tenant.destroy();
	asked.destroy();
	await turn();
	const messages = gathered?.whole ? [read(gathered, String(gathered.message.statusCode))] : [];
	return { messages, end: fault === '' ? 'open' : fault };
}
