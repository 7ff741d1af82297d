/** What libuv, and so Node, has no name for (uv_err_name): quota(7) on Linux. */
const NAMELESS = { number: -122, name: 'EDQUOT', words: 'disk quota exceeded' };

/** What failed, as Node says it: `ENOSPC: no space left on device, mkdir '/path'`. */
export function systemErrorText(error: Error): string {
	if (!isNameless(error)) return error.message;
	return error.message.replace(
		/^Unknown system error -\d+: Unknown system error -\d+/,
		`${NAMELESS.name}: ${NAMELESS.words}`,
	);
}

/** Its name of errno(3); `unknown` where it has none. */
export function systemErrorName(error: Error): string {
	return isNameless(error) ? NAMELESS.name : ((error as NodeJS.ErrnoException).code ?? 'unknown');
}

function isNameless(error: Error): boolean {
	return (error as NodeJS.ErrnoException).errno === NAMELESS.number;
}
