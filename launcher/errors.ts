/** Every code that a LauncherError may have, with what it means. */
export const launcherErrors = {
	'keeper-failed': 'the keeper answered a request with `failed`',
	'keeper-gone': 'the keeper ended while a request was under way',
	'bad-frame': 'a frame of the keeper that breaks its protocol',
	'program-not-found': 'the command of a tenant is no program',
	'no-such-folder': 'the cwd of a tenant is no folder',
	'no-such-user': 'the user of a tenant does not exist',
	'env-file': 'the envFile of a tenant cannot be read, or says nothing that can be understood',
	'file-changed': 'a tenant file that was to be put back says something else by now',
	'access-log': 'the file of the access log cannot be written',
	'bad-message': 'an edge or an operator said something that breaks the protocol',
} as const;

export type LauncherErrorCode = keyof typeof launcherErrors;

/** What the launcher throws and rejects with: a stable code for programs, a message for people. */
export class LauncherError extends Error {
	override readonly name: string = 'LauncherError';
	readonly code: LauncherErrorCode;

	constructor(code: LauncherErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}
