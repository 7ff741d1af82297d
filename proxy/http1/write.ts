import { isName } from './fields.ts';
import type { Framing, RequestHead, ResponseHead } from './head.ts';

/**
 * The request head to a tenant as one latin1 string, always HTTP/1.1: the kept fields in their order, those added, and the
 * connection's and the framing's made anew from `head`. `fields` alternates names and values, `added` is whole field lines.
 */
export function writeRequestHead(head: RequestHead, fields: readonly string[], added: string): string {
	let text = `${head.method} ${head.target} HTTP/1.1\r\n`;
	let offersTrailers = false;
	for (let i = 0; i < fields.length; i += 2) {
		const name = fields[i] as string;
		if (name.length === 2 && isName(name, 'te')) offersTrailers = true;
		text += `${name}: ${fields[i + 1]}\r\n`;
	}
	text += added + framingLine(head.framing);
	if (head.upgrade !== undefined) {
		text += `Connection: ${offersTrailers ? 'Upgrade, TE' : 'Upgrade'}\r\nUpgrade: ${head.upgrade}\r\n`;
	} else if (offersTrailers) {
		// Who sends TE must say so (RFC 9110 §10.1.4).
		text += 'Connection: TE\r\n';
	}
	return `${text}\r\n`;
}

/** What a response head depends on in the visitor who gets it. */
export interface Receiver {
	/** HTTP/1.0 or HTTP/1.1. */
	readonly minor: 0 | 1;
	/** False: the connection closes behind this response. */
	readonly keepAlive: boolean;
}

/**
 * The response head to a visitor, likewise. `framing` is how the body is sent to this visitor, who may not know what the
 * tenant used (chunked towards HTTP/1.0). Interim responses (1xx) say nothing of the connection, but for the 101 that changes it.
 */
export function writeResponseHead(
	head: ResponseHead,
	fields: readonly string[],
	added: string,
	framing: Framing,
	receiver: Receiver,
): string {
	const lines = fieldLines(fields) + added + framingLine(framing);
	return `HTTP/1.1 ${head.status} ${head.reason}\r\n${lines}${connectionLine(head, receiver)}\r\n`;
}

function connectionLine(head: ResponseHead, receiver: Receiver): string {
	if (head.upgrade !== undefined) return `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`;
	if (head.status < 200) return '';
	if (!receiver.keepAlive) return 'Connection: close\r\n';
	return receiver.minor === 0 ? 'Connection: keep-alive\r\n' : '';
}

function framingLine(framing: Framing): string {
	switch (framing.kind) {
		case 'length':
			return `Content-Length: ${framing.length}\r\n`;
		case 'chunked':
			return 'Transfer-Encoding: chunked\r\n';
		case 'none':
			return framing.told === undefined ? '' : `Content-Length: ${framing.told}\r\n`;
		case 'close':
			return '';
	}
}

function fieldLines(fields: readonly string[]): string {
	let text = '';
	for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
	return text;
}
