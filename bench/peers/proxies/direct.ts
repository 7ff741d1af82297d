import type { PeerKind } from '../proxy.ts';

/** No proxy at all: the floor of rates and latencies. */
export const direct: PeerKind = {
	name: 'direct',
	tool: undefined,
	start: async ({ upstream }) => ({
		name: 'direct',
		port: upstream.port,
		processes: [],
		upstream: upstream.pid,
		end: async () => {},
	}),
};
