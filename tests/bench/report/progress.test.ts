import { Progress } from '../../../bench/report/progress.ts';

/** What a progress wrote to a stream, at the times given one by one. */
function written(isTTY: boolean, act: (progress: Progress, at: (ms: number) => void) => void): string {
	let now = 0;
	let text = '';
	const write = (words: string | Uint8Array): boolean => {
		text += words;
		return true;
	};
	act(new Progress({ isTTY, columns: 40, write }, () => now), (ms) => {
		now = ms;
	});
	return text;
}

test('says where it is, since when, and what is done, in one line that is overwritten', () => {
	const text = written(true, (progress, at) => {
		progress.begin('2 of 4, throughput');
		at(65_000);
		progress.show('nginx');
		progress.clear();
	});
	expect(text).toBe('\r\x1b[K  [2 of 4, throughput, 1:05] nginx\r\x1b[K');
});

test('is cut to the terminal’s width, for a line that wraps cannot be overwritten', () => {
	const [, line = ''] = written(true, (progress) => progress.show('x'.repeat(100))).split('\x1b[K');
	expect(line).toHaveLength(39);
});

test('writes nothing where the stream is no terminal', () => {
	const act = (progress: Progress): void => {
		progress.show('nginx');
		progress.clear();
	};
	expect(written(false, act)).toBe('');
});
