import { readFileSync } from 'node:fs';
import { systemErrorName, systemErrorText } from '../../config/systemerror.ts';

test('what Node has words for stays as it is', () => {
	const error = (() => {
		try {
			readFileSync('/no/such/file');
		} catch (error) {
			return error as Error;
		}
		throw new Error('it is there');
	})();
	expect(systemErrorText(error)).toBe("ENOENT: no such file or directory, open '/no/such/file'");
});

test('a quota that is used up is named, as Node does not', () => {
	const words = "Unknown system error -122: Unknown system error -122, mkdir '/data'";
	const error = Object.assign(new Error(words), { errno: -122, code: 'Unknown system error -122' });
	expect(systemErrorText(error)).toBe("EDQUOT: disk quota exceeded, mkdir '/data'");
	expect(systemErrorName(error)).toBe('EDQUOT');
	expect(systemErrorName(Object.assign(new Error(), { code: 'ENOSPC' }))).toBe('ENOSPC');
	expect(systemErrorName(new Error('no system call'))).toBe('unknown');
});
