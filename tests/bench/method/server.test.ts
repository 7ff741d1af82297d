import { mkdtemp, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../../bench/method/server.ts';
import { freePort } from '../../system/freeport.ts';

const program = "console.log('a word'); require('node:net').createServer().listen(process.env.PORT, '127.0.0.1')";

test('a server writes to its file by itself: no word of it passes the bench, and none is too many', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'innkeeper-server-'));
	const output = join(folder, 'log');
	const port = await freePort();
	try {
		const server = await startServer([process.execPath, '-e', program], port, { PORT: String(port) }, output);
		try {
			expect(await readlink(`/proc/${server.pid}/fd/1`)).toBe(output);
			expect(await readFile(output, 'utf8')).toBe('a word\n');
		} finally {
			await server.end();
		}
	} finally {
		await rm(folder, { recursive: true });
	}
});

test('one that ends is told with its own words', async () => {
	const port = await freePort();
	await expect(startServer([process.execPath, '-e', "throw new Error('no luck')"], port)).rejects.toThrow('no luck');
});
