// spawner.c's Node twin: `node spawner.mjs MEBIBYTES PROGRAM`, the heap being JavaScript's own. The same letters and lines.
import { spawn } from 'node:child_process';

const [, , mebibytes = '0', program = ''] = process.argv;
// Arrays of numbers with a fraction take 8 bytes each in V8's heap.
globalThis.heap = Array.from({ length: Number(mebibytes) * 16 }, () => Array.from({ length: 8192 }, (_, n) => n + 0.5));

process.stdin.on('data', () => {
	const began = performance.now();
	const child = spawn(program, [], { env: {}, stdio: 'ignore' });
	const blocked = performance.now() - began;
	child.once('error', (error) => {
		console.error(error.message);
		process.exit(1);
	});
	child.once('exit', () =>
		console.log(`${(blocked * 1000).toFixed(1)} ${((performance.now() - began) * 1000).toFixed(1)}`),
	);
});
process.stdin.once('end', () => process.exit(0));
