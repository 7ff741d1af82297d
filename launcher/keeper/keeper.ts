import type { Answer, Fields, KeeperConnection } from './frames.ts';
import { KeeperFailure } from './frames.ts';

/** The keeper as the rest of the launcher sees it (native/PROTOCOL.md). */
export interface Keeper {
	/** Rejects with KeeperFailure. */
	request(verb: string, fields: Fields): Promise<Answer>;
	/** A request whose failure only goes to the log. */
	send(verb: string, fields: Fields): void;
}

/** The keeper behind a connection; failures of `send` go to `report`. A VPS that is gone already is none. */
export function keeperOver(connection: KeeperConnection, report: (line: string) => void): Keeper {
	return {
		request: (verb, fields) => connection.request(verb, fields),
		send: (verb, fields) => {
			connection.request(verb, fields).catch((error: Error) => {
				if (error instanceof KeeperFailure && (error.error === 'ESRCH' || error.error === 'EPIPE')) return;
				report(error.message);
			});
		},
	};
}
