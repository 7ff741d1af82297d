import type { Config } from '../config/config.ts';
import type { Fault } from '../config/fault.ts';
import { runningWithin, visitorsWithin } from '../config/openfiles.ts';
import { servesHttp, type Tenant } from './tenant.ts';

/** What the config asks for beyond what processes that may open so many files have room for: a notice each. */
export function roomNotices(config: Config, tenants: Iterable<Tenant>, files: number): Fault[] {
	const sockets = socketsOf(config, tenants);
	const visitors = visitorsWithin(files, sockets.edges);
	const running = runningWithin(files, sockets.keeper);
	const notices: Fault[] = [];
	if (visitors < config.sizes.connections) {
		notices.push(notice(config, 'sizes.connections', `each worker has room for ${visitors} visitors`, files));
	}
	if (running < config.starts.running) {
		notices.push(notice(config, 'starts.running', `there is room for ${running} tenants that run`, files));
	}
	return notices;
}

/** `starts.running`, as far as there is room. */
export function runningWithRoom(config: Config, tenants: Iterable<Tenant>, files: number): number {
	return Math.min(config.starts.running, runningWithin(files, socketsOf(config, tenants).keeper));
}

function notice({ file }: Config, key: string, room: string, files: number): Fault {
	const message = `${room}: a process may open ${files} files here; raise that by ulimit -Hn, or LimitNOFILE= of the unit`;
	return { file, line: undefined, column: undefined, key, message, code: 'few-files', severity: 'notice' };
}

/** Listening sockets that an edge worker has, and those that the keeper may come to have. */
function socketsOf(config: Config, tenants: Iterable<Tenant>): { edges: number; keeper: number } {
	let edges = config.listen.http.length;
	let keeper = edges;
	for (const tenant of tenants) {
		edges += tenant.addresses.filter(({ kind }) => kind === 'http').length;
		keeper += tenant.addresses.length + (servesHttp(tenant) ? 1 : 0);
	}
	return { edges, keeper };
}
