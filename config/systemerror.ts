/** What libuv, and so Node, has no words for (uv_strerror): quota(7) on Linux. */
const NAMELESS = { number: -122, words: 'EDQUOT: disk quota exceeded' };

/** What failed, as Node says it: `ENOSPC: no space left on device, mkdir '/path'`. */
export function systemErrorText(error: Error): string {
	if ((error as NodeJS.ErrnoException).errno !== NAMELESS.number) return error.message;
	return error.message.replace(/^Unknown system error -\d+: Unknown system error -\d+/, NAMELESS.words);
}
