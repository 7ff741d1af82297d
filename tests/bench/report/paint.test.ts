import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { paintFor, plain } from '../../../bench/report/paint.ts';

/** A stream that says whether it is a terminal, and as one asks the environment for its colours. */
function stream(isTTY: boolean, env: Record<string, string> = {}): NodeJS.WriteStream {
	const getColorDepth = (): number => WriteStream.prototype.getColorDepth({ TERM: 'xterm-256color', ...env });
	return Object.assign(new PassThrough(), { isTTY, getColorDepth }) as unknown as NodeJS.WriteStream;
}

describe('colours', () => {
	test('are for terminals', () => {
		expect(paintFor(stream(true))('good', 'met')).toBe('\x1b[32mmet\x1b[39m');
		expect(paintFor(stream(false))('good', 'met')).toBe('met');
	});

	test('are off where NO_COLOR is set', () => {
		expect(paintFor(stream(true, { NO_COLOR: '1' }))('bad', 'MISSED')).toBe('MISSED');
	});

	test('are nothing to plain text', () => {
		expect(plain('head', 'cold')).toBe('cold');
	});
});
