import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { x } from 'tinyexec';
import { parseSocketAddress } from '../config/addresses.ts';
import { whyNotAppendable } from '../config/appendable.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from './configuration.ts';
import type { Context } from './context.ts';
import { Failure, usageFailure } from './failure.ts';
import { makeFolders } from './folders.ts';
import { keeperArguments, type LauncherStart, type User } from './keeper.ts';
import { readMachine } from './machine.ts';
import type { Call } from './parse.ts';
import { refuseClosedProgram } from './readable.ts';
import { decideRights, type Rights } from './rights.ts';

/** What edges run as by default where the server is root: VPS id 2's, so that no tenant ever has it. */
const EDGE_USER = 0x7000_0002;

/** What the launcher gets of the environment: where its defaults lie and how to print; nothing else of the host's. */
const PASSED_ON = ['HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR', 'INNKEEPER_HTTP', 'TERM', 'NO_COLOR', 'TZ'];

/**
 * `innkeeper serve`: checks config and machine, makes the folders, then becomes the keeper, which keeps this process's id. Comes
 * back only by a Failure.
 */
export async function run(call: Call, context: Context): Promise<number> {
	const { uid, gid } = context.user;
	if (call.config === undefined) throw usageFailure('serve needs --config FILE', 'serve');
	const config = loadConfig(call.config, context);
	refuseWrongAddress(context.env['INNKEEPER_HTTP']);
	const rights = decideRights(await readMachine(uid, gid), instanceName(config));
	const edgeUser = await edgeUserOf(config, rights);
	await refuseSecond(config);
	const keeper = await builtKeeper(context);
	const program = join(import.meta.dirname, '..');
	if (edgeUser !== undefined) refuseClosedProgram(edgeUser, program, context.packageFolder, context.node);
	// What is made has the rights that it is made with, whatever umask the server was started under.
	process.umask(0o022);
	makeFolders(config, uid);
	await refuseUnwritableLog(config);
	return context.become(keeper, keeperArguments(config, rights, edgeUser, launcherStart(config, rights, context)));
}

/** The launcher reads it; told here, it is told before anything was made. */
function refuseWrongAddress(text: string | undefined): void {
	if (text === undefined || text === '' || parseSocketAddress(text) !== undefined) return;
	throw new Failure(`INNKEEPER_HTTP is no address and port: ${text}`, ['As 127.0.0.1:8080 or [::1]:8080.']);
}

/** Tells this server's cgroup from those of others on the machine: two servers cannot share a run folder. */
function instanceName(config: Config): string {
	return createHash('sha256').update(config.run).digest('hex').slice(0, 8);
}

async function edgeUserOf(config: Config, rights: Rights): Promise<User | undefined> {
	if (!rights.root) return undefined;
	const { user = EDGE_USER } = config;
	if (typeof user === 'number') return { uid: user, gid: user };
	const [uid, gid] = await Promise.all([userNumber('-u', user), userNumber('-g', user)]);
	return { uid, gid };
}

async function userNumber(which: '-u' | '-g', name: string): Promise<number> {
	const { exitCode, stdout } = await x('id', [which, '--', name]);
	if (exitCode === 0) return Number(stdout);
	throw new Failure(`there is no user ${name}, whom the config names for the edges`, [
		`useradd --system --no-create-home ${name}, or leave the key \`user\` out: edges then run as an id of their own.`,
	]);
}

/** A full disk is none of the reasons: the server must be able to start there. */
async function refuseUnwritableLog({ file, accessLog }: Config): Promise<void> {
	if (accessLog.format === 'off' || accessLog.file === 'stdout') return;
	const why = await whyNotAppendable(accessLog.file);
	if (why === undefined) return;
	throw new Failure(`the access log ${accessLog.file} cannot be written: ${why}`, [
		why === 'ENOENT' ? `mkdir -p '${dirname(accessLog.file)}'` : 'Make it and its folder writable for this user,',
		`or choose another accessLog.file in ${file}.`,
	]);
}

/** Another server with the same control socket would lose it to us. */
function refuseSecond(config: Config): Promise<void> {
	return new Promise((resolve, reject) => {
		const socket = connect(config.control);
		socket.once('error', () => resolve());
		socket.once('connect', () => {
			socket.destroy();
			reject(
				new Failure(`another Innkeeper serves at ${config.control}`, [
					'End it, or choose another `run` and `state` in the config of this one.',
				]),
			);
		});
	});
}

/** The keeper's program; where it was not compiled yet (a package just installed), bin/setup does it and says so. */
async function builtKeeper(context: Context): Promise<string> {
	const keeper = join(context.packageFolder, 'build', 'keeper');
	if (existsSync(keeper)) return keeper;
	const setup = join(context.packageFolder, 'bin', 'setup');
	const { exitCode } = await x('sh', [setup], { nodeOptions: { stdio: 'inherit' } });
	if (exitCode === 0 && existsSync(keeper)) return keeper;
	throw new Failure('the keeper is not built', [`Once what is missing is there, run:  sh '${setup}'`]);
}

/** The launcher is TypeScript in a clone and JavaScript in an installed package, as this file is. */
function launcherStart(config: Config, rights: Rights, context: Context): LauncherStart {
	const main = join(import.meta.dirname, '..', 'launcher', `main${extname(import.meta.filename)}`);
	const environment: Record<string, string> = {
		INNKEEPER_CONFIG: config.file,
		INNKEEPER_TAG: rights.tag,
		// A launcher that was killed is back in half the time when it need not compile itself again (Node's module.enableCompileCache).
		NODE_COMPILE_CACHE: join(config.state, 'cache'),
	};
	if (rights.cgroup !== undefined) environment['INNKEEPER_CGROUP'] = rights.cgroup;
	for (const name of PASSED_ON) {
		const value = context.env[name];
		if (value !== undefined) environment[name] = value;
	}
	return { arguments: [context.node, '--disable-warning=ExperimentalWarning', main], environment };
}
