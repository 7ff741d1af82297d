import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const CHUNK = 64 * 1024;

/** Hands on the last `lines` lines of a tenant's log, then, with `follow`, what comes until `gone`; goes on over rotations. */
export async function readLog(
	file: string,
	options: { lines: number; follow: boolean; gone: AbortSignal },
	take: (text: string) => void,
): Promise<void> {
	let handle = await openLog(file);
	let position = handle === undefined ? 0 : await startOfLast(handle, options.lines);
	const drain = async (): Promise<void> => {
		for (;;) {
			const { bytesRead, buffer } = (await handle?.read(Buffer.alloc(CHUNK), 0, CHUNK, position)) ?? {
				bytesRead: 0,
				buffer: Buffer.alloc(0),
			};
			if (bytesRead === 0) return;
			position += bytesRead;
			take(buffer.toString('utf8', 0, bytesRead));
		}
	};
	try {
		await drain();
		if (!options.follow) return;
		for await (const _change of changes(file, options.gone)) {
			await drain();
			const current = await openLog(file);
			if (current === undefined || (handle !== undefined && (await sameFile(handle, current)))) {
				await current?.close();
				continue;
			}
			await handle?.close();
			handle = current;
			position = 0;
			await drain();
		}
	} finally {
		await handle?.close();
	}
}

function openLog(file: string): Promise<FileHandle | undefined> {
	return open(file, 'r').catch(() => undefined);
}

async function sameFile(one: FileHandle, other: FileHandle): Promise<boolean> {
	const [a, b] = await Promise.all([one.stat(), other.stat()]);
	return a.ino === b.ino;
}

/** The offset at which the last `lines` lines begin. */
async function startOfLast(handle: FileHandle, lines: number): Promise<number> {
	const { size } = await handle.stat();
	let wanted = lines + 1;
	for (let end = size; end > 0; end -= CHUNK) {
		const start = Math.max(0, end - CHUNK);
		const bytes = Buffer.alloc(end - start);
		await handle.read(bytes, 0, bytes.length, start);
		for (let at = bytes.length - 1; at >= 0; at--) {
			if (start + at === size - 1) wanted -= bytes[at] === 10 ? 0 : 1;
			if (bytes[at] === 10 && --wanted === 0) return start + at + 1;
		}
	}
	return 0;
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
