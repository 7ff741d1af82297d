import { createHook } from 'node:async_hooks';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../proxy/clock.ts';
import { Edge } from '../../proxy/edge.ts';

/**
 * An edge worker with nothing else in its process, for allocations.test.ts: argv has the path of a launcher's edge.sock, questions and
 * answers go over Node's IPC channel.
 */
const socketPath = process.argv[2];
if (socketPath === undefined) throw new Error('argv[2] must be the path of edge.sock');

/** So that a collection can be asked for, which nobody else needs. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let collections = 0;
new PerformanceObserver((list) => {
	collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

const resources: Record<string, number> = {};
const hook = createHook({
	init: (_id, type) => {
		resources[type] = (resources[type] ?? 0) + 1;
	},
});

const edge = new Edge({
	worker: 1,
	pid: process.pid,
	clock: systemClock,
	connect: () => connect(socketPath),
	sink: (_bytes, done) => done(),
	report: (line) => console.error(line),
	finished: () => process.exit(),
});

const listener = createServer().listen(0, '127.0.0.1', () => {
	const { port } = listener.address() as AddressInfo;
	edge.listen({ name: 'edge/http/guard', id: 0, address: '127.0.0.1', port }, listener);
	tellOnceOpen(port);
});

/** The edge takes the socket over once the launcher has sent its settings. */
function tellOnceOpen(port: number): void {
	try {
		if (edge.settings !== undefined) process.send?.({ port });
	} catch {
		setTimeout(tellOnceOpen, 5, port);
	}
}

process.on('message', (question: 'heap' | 'collect' | 'watch' | 'resources') => {
	if (question === 'collect') {
		collect();
		collect();
	}
	if (question === 'watch') hook.enable();
	const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
	process.send?.({ heapUsed, arrayBuffers, rss, collections, resources: { ...resources } });
});
process.on('disconnect', () => process.exit());
