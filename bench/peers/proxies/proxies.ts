import type { PeerKind } from '../proxy.ts';
import { caddy } from './caddy.ts';
import { direct } from './direct.ts';
import { haproxy } from './haproxy.ts';
import { innkeeper } from './innkeeper.ts';
import { nginx } from './nginx.ts';
import { fastify, httpProxy, httpProxy3, undici } from './node.ts';

/** All that can be put under load, Innkeeper first, the floor last. */
export const proxies: readonly PeerKind[] = [
	innkeeper,
	nginx,
	haproxy,
	caddy,
	undici,
	fastify,
	httpProxy,
	httpProxy3,
	direct,
];
