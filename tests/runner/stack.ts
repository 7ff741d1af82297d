import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LISTENS_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 50;
const LISTEN_STATE = '0A';

/** A message of the inspector's protocol, as much of it as is read here. */
interface InspectorMessage {
	readonly method?: string;
	readonly params?: {
		readonly scriptId?: string;
		readonly url?: string;
		readonly sourceMapURL?: string;
		readonly callFrames?: readonly Frame[];
	};
}

interface Frame {
	readonly functionName: string;
	readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
}

/** Asks a Node process, by SIGUSR1, for its inspector, which answers in a thread of its own: even a loop without end cannot keep it away. */
export class Inspector {
	readonly #socket: WebSocket;
	readonly #scripts = new Map<string, InspectorMessage['params']>();
	readonly #paused = Promise.withResolvers<readonly Frame[]>();

	/** Undefined where the process does not answer. It must have `process.debugPort = 0`. */
	static async open(pid: number): Promise<Inspector | undefined> {
		try {
			const before = listeningPorts(pid);
			process.kill(pid, 'SIGUSR1');
			for (let waited = 0; waited < LISTENS_WITHIN_MS; waited += LOOK_EVERY_MS) {
				const port = listeningPorts(pid).find((each) => !before.includes(each));
				if (port !== undefined) return await Inspector.#connect(port);
				await delay(LOOK_EVERY_MS);
			}
		} catch {
			// The process has gone, or is no Node.
		}
		return undefined;
	}

	static async #connect(port: number): Promise<Inspector> {
		const response = await fetch(`http://127.0.0.1:${port}/json/list`, {
			signal: AbortSignal.timeout(LISTENS_WITHIN_MS),
		});
		const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
		const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
		await new Promise((resolve, reject) => {
			socket.onopen = resolve;
			socket.onerror = reject;
		});
		return new Inspector(socket);
	}

	private constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)) as InspectorMessage);
		socket.send('{"id":1,"method":"Debugger.enable"}');
		socket.send('{"id":2,"method":"Debugger.pause"}');
	}

	/** The stack at the next JavaScript that runs, a call a line; undefined where none runs within so many ms. */
	async stack(within: number): Promise<string | undefined> {
		const frames = await Promise.race([this.#paused.promise, delay(within, undefined, { ref: false })]);
		return frames?.map((frame) => `at ${frame.functionName || '(anonymous)'} (${this.#placeOf(frame)})`).join('\n');
	}

	close(): void {
		this.#socket.close();
	}

	#hear({ method, params }: InspectorMessage): void {
		if (method === 'Debugger.scriptParsed') this.#scripts.set(params?.scriptId ?? '', params);
		if (method === 'Debugger.paused') this.#paused.resolve(params?.callFrames ?? []);
	}

	/** The place in the file as it was written, where the script brings its source map with it. */
	#placeOf({ location: { scriptId, lineNumber, columnNumber } }: Frame): string {
		const { url = '', sourceMapURL = '' } = this.#scripts.get(scriptId) ?? {};
		const path = url.startsWith('file:') ? fileURLToPath(url) : url;
		const [, base64] = /^data:application\/json.*;base64,(.*)$/.exec(sourceMapURL) ?? [];
		if (base64 === undefined) return `${path}:${lineNumber + 1}:${columnNumber + 1}`;
		const map = new SourceMap(JSON.parse(Buffer.from(base64, 'base64').toString()));
		const entry = map.findEntry(lineNumber, columnNumber);
		return 'originalLine' in entry ? `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}` : path;
	}
}

/** TCP ports on which the process listens at IPv4 addresses. Throws where the process is gone. */
function listeningPorts(pid: number): number[] {
	const inodes = new Set<string>();
	for (const fd of readdirSync(`/proc/${pid}/fd`)) {
		try {
			const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
			if (inode !== undefined) inodes.add(inode);
		} catch {
			// Closed meanwhile.
		}
	}
	const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
	return rows
		.map((row) => row.trim().split(/\s+/))
		.filter((fields) => fields[3] === LISTEN_STATE && inodes.has(fields[9] ?? ''))
		.map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16));
}
