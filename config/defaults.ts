import { formatSocketAddress } from './addresses.ts';
import { defaultConfig, type TenantKeys } from './load.ts';
import type { Site } from './site.ts';
import { formatDuration, formatSize } from './units.ts';

/** Every key of the config file with its default at this site and a comment, as a file to begin with. */
export function defaultsYaml(site: Site, tenantKeys: TenantKeys): string {
	const config = defaultConfig('/', site, tenantKeys);
	const { timeouts, sizes, starts, accessLog } = config;
	const own = site.uid === 0 ? 'an id of their own' : "the server's user; root's server alone can give them another";
	return `# Innkeeper's config: every key with its default. Durations are 500ms, 10s, 5m, 1h, 1d; sizes 16K, 64M, 1G.
# Paths are relative to this file.
listen:
  http: ${inFlow(config.listen.http.map(formatSocketAddress))}  # addresses for visitors' HTTP
  https: []  # not built yet
workers: ${config.workers}  # edge processes; auto: one a core
# user: innkeeper-edge  # what edges run as; by default ${own}
state: ${config.state}  # everything that must last: tenants' data, logs
run: ${config.run}  # sockets
control: ${config.control}  # where \`innkeeper ps\` and its fellows speak to the server
tenants: ["./tenants"]  # folders: every TENANT/tenant.yaml in them is a tenant; watched
trustedProxies: ${inFlow(config.trustedProxies)}  # blocks of addresses, as 10.0.0.0/8, whose word on where a request comes from is believed
trustedHeaders: ${config.trustedHeaders}  # the fields in which they say it: x-forwarded (X-Forwarded-*) or forwarded (Forwarded); the others are dropped
via: ${config.via}  # the edge's name towards tenants, in Via (RFC 9110 7.6.3); off: none, for a tenant's nginx whose gzip_proxied is off
proxyProtocol: off  # accept and require are not built yet
health: ${config.health}  # answered by the edge itself, on any host; off
healthFrom: ${inFlow(config.healthFrom)}  # whom the health path with ?tenant tells how the tenant of the host is, without waking it
debugHeaders: ${config.debugHeaders}  # answers tell the tenant, the wake and the times of the stages
accessLog:
  file: ${accessLog.file}  # or a path; opened anew on SIGHUP and \`innkeeper reload\`
  format: ${accessLog.format}  # json, combined or off
  size: ${accessLog.size === undefined ? 'off' : formatSize(accessLog.size)}  # a file of so many bytes becomes FILE.1, that one FILE.2 …; off: it grows, for logrotate to move it
  files: ${accessLog.files}  # how many there are in all
timeouts:
  head: ${formatDuration(timeouts.head)}  # for a visitor to send a whole head
  idle: ${formatDuration(timeouts.idle)}  # between two requests on one connection
  body: ${formatDuration(timeouts.body)}  # between two pieces of a body
  connect: ${formatDuration(timeouts.connect)}  # to reach a tenant that is awake
  answer: ${formatDuration(timeouts.answer)}  # for a tenant to begin its answer
  linger: ${formatDuration(timeouts.linger)}  # how long an edge keeps a tenant leased after the last use
sizes:
  head: ${formatSize(sizes.head)}  # a head, a visitor's or an answer's, its start line included
  target: ${formatSize(sizes.target)}  # a request's target
  headers: ${sizes.headers}  # fields in a visitor's head; an answer may have 1,000
  queue: ${sizes.queue}  # visitors of all tenants that wait for a wake, each worker; more get 503; by default as many as connections
  connections: ${sizes.connections}  # visitors' connections, each worker
starts:
  atOnce: ${starts.atOnce}  # tenants that start at the same time; others wait
  running: ${starts.running}  # tenants that are awake at the same time
defaults: {}  # any tenant key: what a tenant file leaves out
`;
}

function inFlow(words: readonly string[]): string {
	return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}
