import { bodyFramer } from '../../../../proxy/http1/body.ts';
import { ChunkedBody } from '../../../../proxy/http1/chunked.ts';
import type { Framing } from '../../../../proxy/http1/head.ts';
import { keptRequestFields } from '../../../../proxy/http1/hop.ts';
import { parseRequestHead } from '../../../../proxy/http1/request.ts';
import { parseResponseHead } from '../../../../proxy/http1/response.ts';
import { writeRequestHead } from '../../../../proxy/http1/write.ts';
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
		if (framer !== undefined) {
			const behind = framer.take(bytes, at, bytes.length);
			if (!framer.done) break;
			message += bytes.toString('latin1', at, framer.relay) + framer.ending;
			at = behind;
		}
		sent.push(message);
		if (!head.keepAlive || head.upgrade !== undefined) break;
	}
	return sent;
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
	let behind = at;
	if (framer instanceof ChunkedBody) {
		behind = framer.take(bytes, at, bytes.length, (from, to) => {
			content += bytes.toString('latin1', from, to);
		});
	} else {
		behind = framer.take(bytes, at, bytes.length);
		content = bytes.toString('latin1', at, behind);
	}
	return { content, behind, end: framer.fault ?? (framer.done ? 'whole' : 'open') };
}
