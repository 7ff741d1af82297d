import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const CHUNK = 64 * 1024;

/** A file of a log, open: it stays the same whatever its name becomes. */
interface Part {
	readonly inode: number;
	readonly handle: FileHandle;
}

/**
 * Hands on the last `lines` lines of a log, those in older files (FILE.1, FILE.2 …) included, then, with `follow`, what comes until
 * `gone`. The files are read as one stream of bytes, for a line may begin in one and end in the next.
 */
export async function readLog(
	file: string,
	options: { lines: number; follow: boolean; gone: AbortSignal },
	take: (text: string) => void | Promise<void>,
): Promise<void> {
	const decoder = new StringDecoder('utf8');
	const say = async (bytes: Buffer): Promise<void> => {
		const text = decoder.write(bytes);
		if (text !== '' && !options.gone.aborted) await take(text);
	};
	let parts = await openParts(file);
	try {
		let position = await skipTo(parts, options.lines);
		position = await readOn(parts, position, say, options.gone);
		if (options.follow) {
			for await (const _change of changes(file, options.gone)) {
				parts = await withLater(file, parts);
				position = await readOn(parts, position, say, options.gone);
			}
		}
		const rest = decoder.end();
		if (rest !== '') await take(rest);
	} finally {
		await closeAll(parts);
	}
}

/**
 * The log's files, the oldest first. They are opened from the newest on: one that gets an older name meanwhile is met again there,
 * and none is passed over.
 */
async function openParts(file: string): Promise<Part[]> {
	const parts: Part[] = [];
	let missing = 0;
	for (let number = 0; ; number++) {
		const handle = await open(number === 0 ? file : `${file}.${number}`, 'r').catch(() => undefined);
		// Between two steps of a rotation one name is nobody's.
		if (handle === undefined && ++missing > 1) return parts;
		if (handle === undefined) continue;
		missing = 0;
		const inode = (await handle.stat()).ino;
		if (parts.some((part) => part.inode === inode)) await handle.close();
		else parts.unshift({ inode, handle });
	}
}

/** The last part and those that came after it. While it is open nothing else has its inode; where it was deleted, all came after it. */
async function withLater(file: string, parts: Part[]): Promise<Part[]> {
	const current = parts.at(-1);
	const now = await openParts(file);
	if (current === undefined) return now;
	const known = now.findIndex(({ inode }) => inode === current.inode);
	await closeAll([...parts.slice(0, -1), ...now.slice(0, known + 1)]);
	return [current, ...now.slice(known + 1)];
}

/** Reads from a position in the first part to the end of the last, which alone stays open; the position there. */
async function readOn(
	parts: Part[],
	from: number,
	say: (bytes: Buffer) => Promise<void>,
	gone: AbortSignal,
): Promise<number> {
	let position = from;
	for (;;) {
		const [part] = parts;
		if (part === undefined) return 0;
		while (!gone.aborted) {
			const { bytesRead, buffer } = await part.handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position);
			if (bytesRead === 0) break;
			position += bytesRead;
			await say(buffer.subarray(0, bytesRead));
		}
		if (parts.length === 1) return position;
		parts.shift();
		await part.handle.close();
		position = 0;
	}
}

/** Drops the parts before the one in which the last `lines` lines begin; where they begin in it. */
async function skipTo(parts: Part[], lines: number): Promise<number> {
	let wanted = lines + 1;
	let isLastByte = true;
	for (let index = parts.length - 1; index >= 0; index--) {
		const { handle } = parts[index] as Part;
		for (let end = (await handle.stat()).size; end > 0; end -= CHUNK) {
			const start = Math.max(0, end - CHUNK);
			const bytes = Buffer.alloc(end - start);
			await handle.read(bytes, 0, bytes.length, start);
			for (let at = bytes.length - 1; at >= 0; at--) {
				const isNewline = bytes[at] === 10;
				// A last line without a newline is one, too.
				if (isLastByte && !isNewline) wanted--;
				isLastByte = false;
				if (!isNewline || --wanted > 0) continue;
				await closeAll(parts.splice(0, index));
				return start + at + 1;
			}
		}
	}
	return 0;
}

async function closeAll(parts: readonly Part[]): Promise<void> {
	for (const { handle } of parts) await handle.close();
}

/** One item whenever something happened to the file's name or content. */
async function* changes(file: string, gone: AbortSignal): AsyncGenerator<void> {
	let changed = true;
	let wake = (): void => {};
	const touch = (): void => {
		changed = true;
		wake();
	};
	const watcher = watch(dirname(file), (_event, name) => {
		if (name === basename(file)) touch();
	});
	watcher.on('error', touch);
	gone.addEventListener('abort', touch, { once: true });
	try {
		while (!gone.aborted) {
			if (!changed) await new Promise<void>((resolve) => (wake = resolve));
			changed = false;
			if (!gone.aborted) yield;
		}
	} finally {
		watcher.close();
	}
}
