// The least of RFC 6455 that a chat of short texts needs, by hand: the accept key, and frames of one piece.
import { createHash } from 'node:crypto';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const LONGEST = 1024;

/** Answers the upgrade (RFC 6455 §4.2.2) and calls `said` with each text. Gives a function that sends one. */
export function acceptWebSocket(request, socket, said) {
	const key = request.headers['sec-websocket-key'];
	const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
	socket.write(
		`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
	);
	let received = Buffer.alloc(0);
	socket.on('data', (chunk) => {
		received = Buffer.concat([received, chunk]);
		for (let frame = readFrame(received); frame !== undefined; frame = readFrame(received)) {
			received = received.subarray(frame.length);
			if (frame.opcode === TEXT) said(frame.payload.toString());
			else if (frame.opcode === PING) socket.write(makeFrame(PONG, frame.payload));
			else if (frame.opcode !== PONG) socket.end(makeFrame(CLOSE, Buffer.alloc(0)));
		}
	});
	return (text) => socket.write(makeFrame(TEXT, Buffer.from(text)));
}

/** The first frame, unmasked (RFC 6455 §5.2); undefined until all of it is there. One that is too long counts as a close. */
function readFrame(bytes) {
	if (bytes.length < 6) return undefined;
	const short = bytes[1] & 127;
	if (short === 126 && bytes.length < 8) return undefined;
	const size = short === 126 ? bytes.readUInt16BE(2) : short;
	if (short === 127 || size > LONGEST) return { opcode: CLOSE, payload: Buffer.alloc(0), length: bytes.length };
	const start = short === 126 ? 8 : 6;
	if (bytes.length < start + size) return undefined;
	const mask = bytes.subarray(start - 4, start);
	const payload = Buffer.from(bytes.subarray(start, start + size).map((byte, index) => byte ^ mask[index % 4]));
	return { opcode: bytes[0] & 15, payload, length: start + size };
}

function makeFrame(opcode, payload) {
	const head =
		payload.length < 126
			? [0x80 | opcode, payload.length]
			: [0x80 | opcode, 126, payload.length >> 8, payload.length & 255];
	return Buffer.concat([Buffer.from(head), payload]);
}
