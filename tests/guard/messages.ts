import { type Call, stringsOf } from './strace.ts';

/** The types of the messages that went over edge.sock, as one end of it wrote and read them (launcher/protocol/edge.ts). */
export function edgeMessages(calls: readonly Call[]): string[] {
	const text = calls
		.filter(isTransfer)
		.map(moved)
		.filter((bytes) => bytes.startsWith('{"type":'))
		.join('');
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => (JSON.parse(line) as { type: string }).type);
}

/** The verbs of the frames between launcher and keeper, as the keeper sent and received them (launcher/native/PROTOCOL.md). */
export function keeperFrames(calls: readonly Call[]): string[] {
	// One connection; the scribe, a thread of its own, sends lines to where the house's output goes.
	const loop = calls.find(({ name }) => name === 'recvfrom')?.thread;
	const own = calls.filter(({ thread }) => thread === loop);
	return [...verbs(own, 'recvfrom'), ...verbs(own, 'sendto')];
}

function verbs(calls: readonly Call[], name: string): string[] {
	const bytes = Buffer.from(
		calls
			.filter((call) => call.name === name)
			.map(moved)
			.join(''),
		'latin1',
	);
	const found: string[] = [];
	for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt32LE(at)) {
		found.push(bytes.toString('latin1', at + 4, bytes.indexOf(0, at + 4)));
	}
	return found;
}

function isTransfer({ name }: Call): boolean {
	return name === 'read' || name === 'write';
}

/** The bytes that a call did move: none where it failed, fewer than it had where the other end took no more. */
function moved(call: Call): string {
	const length = Number.parseInt(call.result, 10);
	return length > 0 ? stringsOf(call).slice(0, length) : '';
}
