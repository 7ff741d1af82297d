import { readFileSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseSocketAddress } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { faultLine } from '../config/fault.ts';
import { type ReadConfig, readConfig } from '../config/load.ts';
import { openFiles } from '../config/openfiles.ts';
import { Registry, type RegistryChange, registrySettings } from '../tenants/registry.ts';
import { tenantKeys } from '../tenants/schema.ts';
import { killHouse } from './cgroup/end.ts';
import { systemClock } from './clock.ts';
import { blockOf, type House } from './house.ts';
import { type Found, readFound } from './keeper/found.ts';
import { KeeperConnection, type Message } from './keeper/frames.ts';
import { keeperOver } from './keeper/keeper.ts';
import { Launcher } from './launcher.ts';
import { readConfigMemo, readTenantMemo } from './memo.ts';
import { takeIn } from './newconfig.ts';
import { TenantsHere } from './tenants.ts';
import { timestamp } from './timestamp.ts';
import { Voice } from './voice.ts';

/**
 * The launcher's process, started by the keeper with fd 3 (its protocol), 4 (edge.sock) and 5 (the control socket); the environment
 * says which config file, and what this machine allows (cli/serve.ts).
 */
const { env } = process;
const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;

const voice = new Voice((bytes) => writeSync(1, bytes));

function print(line: string): void {
	voice.say(`${timestamp(new Date())}  ${line}`);
}

function required(name: string): string {
	const value = env[name];
	if (value === undefined)
		throw new Error(`${name} is missing in the environment; \`innkeeper serve\` starts the launcher`);
	return value;
}

function tagOf(text: string): House['tag'] {
	if (text !== 'cgroup' && text !== 'pidns' && text !== 'tree') throw new Error(`INNKEEPER_TAG is no tag: ${text}`);
	return text;
}

/** The config as its file is now; INNKEEPER_HTTP takes the place of listen.http. */
function configNow(): ReadConfig {
	const site = {
		uid,
		home: env['HOME'],
		stateHome: env['XDG_STATE_HOME'],
		runtimeDir: env['XDG_RUNTIME_DIR'],
		cores: availableParallelism(),
	};
	const { config, faults } = readConfig(required('INNKEEPER_CONFIG'), site, tenantKeys);
	const http = parseSocketAddress(env['INNKEEPER_HTTP'] ?? '');
	return {
		config: config === undefined || http === undefined ? config : { ...config, listen: { http: [http] } },
		faults,
	};
}

// A terminal's signals go to every process of the group; the keeper's word is what counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const early: Message[] = [];
let launcher: Launcher | undefined;
const report = (line: string): void => print(`innkeeper: ${line}`);
const cgroup = env['INNKEEPER_CGROUP'];
const connection = new KeeperConnection(new Socket({ fd: 3, readable: true, writable: true }), {
	onEvent: (event) => {
		if (launcher === undefined) early.push(event);
		else launcher.onKeeperEvent(event);
	},
	onEnd: () => {
		killHouse({ cgroup });
		process.exit(0);
	},
	report,
});
const keeper = keeperOver(connection, report);
const answer = await connection.request('hello', { protocol: 1 });
const found = readFound(early, answer);

/** The config of the house: what its file says, as far as a house that is open can take it in; where it is refused, what was in force. */
function configOf({ memo }: Found): Config | undefined {
	const { config: now, faults } = configNow();
	const before = readConfigMemo(memo);
	for (const fault of faults) print(faultLine(fault));
	if (now === undefined && before !== undefined)
		print(`innkeeper: ${before.file} is refused; the house runs on with the config that it has had`);
	if (now === undefined || before === undefined) return now ?? before;
	const { config, later } = takeIn(before, now);
	for (const line of later) print(line);
	return config;
}

const config = configOf(found);
if (config === undefined) {
	// It was good when `serve` looked at it, and nothing is open yet.
	await keeper.request('end', { status: 1 });
	throw new Error('the keeper lives on');
}
const house: House = {
	root: uid === 0,
	block: uid === 0 ? 0 : blockOf(config.run),
	tag: tagOf(required('INNKEEPER_TAG')),
	cgroup,
	nodeFolder: dirname(process.execPath),
	state: config.state,
	run: config.run,
	keeperPid: process.ppid,
	uid,
	gid,
};

const registry: Registry = new Registry(registrySettings(config), uid, (change: RegistryChange) =>
	launcher?.takeChange(change),
);
await registry.reload();
await registry.recall(found.instances.flatMap(({ memo }) => readTenantMemo(memo) ?? []));
for (const fault of registry.faults()) print(faultLine(fault));
const tenants = new TenantsHere(registry, found, print);
launcher = new Launcher({
	house,
	keeper,
	clock: systemClock,
	node: process.execPath,
	config,
	registry,
	tenants,
	files: openFiles(readFileSync('/proc/self/limits', 'utf8')),
	readConfig: configNow,
	print,
	proclaim: (line) => voice.say(line),
});
try {
	const opening = launcher.open(found);
	for (const event of early.splice(0)) launcher.onKeeperEvent(event);
	await opening;
	// Written now, for a launcher that is killed writes nothing; the next one boots in half the time (NODE_COMPILE_CACHE, cli/serve.ts).
	flushCompileCache();
} catch (error) {
	print(`innkeeper: ${(error as Error).message}`);
	await keeper.request('end', { status: 1 });
}
