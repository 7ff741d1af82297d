import { join } from 'node:path';
import { execa } from 'execa';
import { packageFolder } from './innkeeper.ts';

/** Runs a script of sh(1) in which $0 is the innkeeper command; what came to stderr, and the script's exit status. */
async function shell(script: string): Promise<{ stderr: string; exitCode: number | undefined }> {
	const { stderr, exitCode } = await execa('sh', ['-c', script, join(packageFolder, 'bin', 'innkeeper')], {
		reject: false,
	});
	return { stderr, exitCode };
}

test('an output on a full disk is a failure, told in one line', async () => {
	expect(await shell('"$0" config --defaults >/dev/full')).toEqual({
		stderr: 'innkeeper: the output cannot be written: ENOSPC',
		exitCode: 1,
	});
});

test('neither stdout nor stderr to write to is a failure all the same', async () => {
	expect(await shell('"$0" config --defaults >/dev/full 2>&1')).toEqual({ stderr: '', exitCode: 1 });
	expect(await shell('"$0" nonsense 2>/dev/full')).toMatchObject({ exitCode: expect.any(Number) });
});

test('a reader who has seen enough ends the command in silence', async () => {
	expect(await shell('{ "$0" config --defaults; echo "status $?" >&2; } | true')).toEqual({
		stderr: 'status 0',
		exitCode: 0,
	});
});
