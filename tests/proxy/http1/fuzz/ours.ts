import { bodyFramer } from '../../../../proxy/http1/body.ts';
import { ChunkedBody } from '../../../../proxy/http1/chunked.ts';
import type { BodyFramer } from '../../../../proxy/http1/framer.ts';
import type { Framing } from '../../../../proxy/http1/head.ts';
import { keptRequestFields, keptResponseFields } from '../../../../proxy/http1/hop.ts';
import { parseRequestHead } from '../../../../proxy/http1/request.ts';
import { parseResponseHead } from '../../../../proxy/http1/response.ts';
import { writeRequestHead, writeResponseHead } from '../../../../proxy/http1/write.ts';
import { limits } from '../feeding.ts';
import type { Message, Reading } from './readings.ts';

/** What this codec makes of a visitor's bytes. */
export function readRequests(text: string): Reading {
	const bytes = Buffer.from(text, 'latin1');
	const messages: Message[] = [];
	for (let at = 0; at < bytes.length; ) {
		const head = parseRequestHead(bytes, at, bytes.length, limits);
		if (head === undefined) return { messages, end: 'open' };
		if ('code' in head) return { messages, end: head.code };
		const body = readBody(head.framing, bytes, at + head.length);
		if (body.end !== 'whole') return { messages, end: body.end };
		// The Host that an HTTP/1.0 head did not send is the parser's own.
		const sentFields = head.minor === 0 && !/^host:/im.test(text.slice(at, at + head.length));
		const fields = sentFields ? head.fields.slice(0, -2) : head.fields;
		messages.push({ start: `${head.method} ${head.target}`, fields, body: body.content });
		if (!head.keepAlive || head.upgrade !== undefined) return { messages, end: 'ended' };
		at = body.behind;
	}
	return { messages, end: 'open' };
}

/** The bytes that the tenant would be sent for the same, message by message. */
export function forwardRequests(text: string): string[] {
	const bytes = Buffer.from(text, 'latin1');
	const sent: string[] = [];
	for (let at = 0; at < bytes.length; ) {
		const head = parseRequestHead(bytes, at, bytes.length, limits);
		if (head === undefined || 'code' in head) break;
		let message = writeRequestHead(head, keptRequestFields(head), '');
		at += head.length;
		const framer = bodyFramer(head.framing, limits);
		const body = framer === undefined ? { sent: '', behind: at } : relayBody(framer, bytes, at);
		if (body === undefined) break;
		message += body.sent;
		at = body.behind;
		sent.push(message);
		if (!head.keepAlive || head.upgrade !== undefined) break;
	}
	return sent;
}

/** The bytes that a visitor of HTTP/1.1 would be sent for a tenant's, and nothing where the answer is not whole. */
export function forwardResponse(text: string, method: string): string {
	const bytes = Buffer.from(text, 'latin1');
	let sent = '';
	for (let at = 0; ; ) {
		const head = parseResponseHead(bytes, at, bytes.length, limits, { method, upgrade: undefined });
		if (head === undefined || 'code' in head) return '';
		at += head.length;
		sent += writeResponseHead(head, keptResponseFields(head), '', head.framing, { minor: 1, keepAlive: true });
		if (head.status < 200) continue;
		if (head.framing.kind === 'close') return sent + bytes.toString('latin1', at);
		const framer = bodyFramer(head.framing, limits);
		const body = framer === undefined ? { sent: '' } : relayBody(framer, bytes, at);
		return body === undefined ? '' : sent + body.sent;
	}
}

/** What is sent on of a body that is whole, and where it ends. */
function relayBody(framer: BodyFramer, bytes: Buffer, at: number): { sent: string; behind: number } | undefined {
	let sent = '';
	while (at < bytes.length && !framer.done && framer.fault === undefined) {
		const behind = framer.take(bytes, at, bytes.length);
		sent += bytes.toString('latin1', at, framer.relay);
		at = behind;
	}
	return framer.done ? { sent: sent + framer.ending, behind: at } : undefined;
}

/** What this codec makes of a tenant's bytes, the last of which ends the connection. */
export function readResponse(text: string, method: string): Reading {
	const bytes = Buffer.from(text, 'latin1');
	for (let at = 0; ; ) {
		const head = parseResponseHead(bytes, at, bytes.length, limits, { method, upgrade: undefined });
		if (head === undefined) return { messages: [], end: 'open' };
		if ('code' in head) return { messages: [], end: head.code };
		at += head.length;
		if (head.status < 200) continue;
		const body = readBody(head.framing, bytes, at);
		if (body.end !== 'whole' && head.framing.kind !== 'close') return { messages: [], end: body.end };
		return { messages: [{ start: String(head.status), fields: head.fields, body: body.content }], end: 'ended' };
	}
}

function readBody(framing: Framing, bytes: Buffer, at: number): { content: string; behind: number; end: string } {
	const framer = bodyFramer(framing, limits);
	if (framer === undefined) return { content: '', behind: at, end: 'whole' };
	let content = '';
	while (at < bytes.length && !framer.done && framer.fault === undefined) {
		if (framer instanceof ChunkedBody) {
			at = framer.take(bytes, at, bytes.length, (from, to) => {
				content += bytes.toString('latin1', from, to);
			});
		} else {
			const behind = framer.take(bytes, at, bytes.length);
			content += bytes.toString('latin1', at, behind);
			at = behind;
		}
	}
	return { content, behind: at, end: framer.fault ?? (framer.done ? 'whole' : 'open') };
}
