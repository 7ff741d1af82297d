import { connect } from 'node:net';
import { isMap } from '../launcher/protocol/checks.ts';
import { type ControlAnswer, type ControlRequest, controlErrors } from '../launcher/protocol/control.ts';
import { readLines, writeLine } from '../launcher/protocol/lines.ts';
import { plainText } from '../launcher/protocol/plaintext.ts';
import { Failure } from './failure.ts';

/** What comes before the result. */
export interface Heard {
	/** A sentence on what is being done, as it can be shown. */
	progress?(text: string): void;
	/** A piece of a log, or other lines, as they are. */
	data?(text: string): void;
	/** One of many things. */
	row?(value: unknown): void;
}

/**
 * Asks the running server one thing and resolves with the value of its result. Rejects with a Failure: no server there, an error
 * of the control protocol, or the connection's end before any answer.
 */
export function ask(path: string, request: ControlRequest, heard: Heard = {}): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const socket = connect(path);
		const settle = (end: () => void): void => {
			end();
			socket.destroy();
		};
		socket.once('connect', () => writeLine(socket, request));
		socket.once('error', (error) => settle(() => reject(unreachable(path, error))));
		// After a result or an error this changes nothing: the promise is settled.
		socket.once('close', () =>
			reject(new Failure('the server closed the connection before it answered', ['Is it ending? See its own output.'])),
		);
		const strange = (): void =>
			settle(() =>
				reject(
					new Failure('the server answered in words of another version', [
						'Use the innkeeper command of the running server.',
					]),
				),
			);
		readLines(
			socket,
			(message) => {
				if (!isMap(message)) return strange();
				const answer = message as unknown as ControlAnswer;
				switch (answer.type) {
					case 'progress':
						return heard.progress?.(plainText(String(answer.text)));
					case 'data':
						return heard.data?.(answer.text);
					case 'row':
						return heard.row?.(answer.value);
					case 'result':
						return settle(() => resolve(answer.value));
					case 'error':
						return settle(() => reject(new Failure(String(answer.message), [], controlErrors[answer.code] ?? 1)));
					default:
						answer satisfies never;
						return strange();
				}
			},
			strange,
		);
	});
}

function unreachable(path: string, error: NodeJS.ErrnoException): Failure {
	switch (error.code) {
		case 'ENOENT':
		case 'ECONNREFUSED':
			return new Failure(`no server answers at ${path}`, [
				'Start one:   innkeeper serve --config FILE',
				'or say where it is: --control PATH, --config FILE of that server, or INNKEEPER_CONTROL in the environment.',
			]);
		case 'EACCES':
		case 'EPERM':
			return new Failure(`${path} may not be opened by this user`, [
				'Run the command as root, or as the user who runs the server.',
			]);
		default:
			return new Failure(`the server at ${path} cannot be reached: ${error.message}`);
	}
}
