import { formatDuration, parseDuration } from '../../config/units.ts';
import { unmatched } from './parts.ts';
import { TestRun } from './testrun.ts';

/** The limit of a whole run, where INNKEEPER_TEST_LIMIT says no other. */
const LIMIT = '15m';

/** See ../README.md. Arguments go to jest; the last line printed is `N passed, N failed`. */
const words = process.argv.slice(2);
const limit = parseDuration(process.env['INNKEEPER_TEST_LIMIT'] ?? LIMIT);
if (limit === undefined) refuse(`INNKEEPER_TEST_LIMIT must be a duration such as ${LIMIT}`);
const wrong = unmatched(words);
if (wrong.length > 0) refuse(`no test file matches ${wrong.join(', ')}; a part is a path such as tests/cli`);

const run = new TestRun(limit);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.once(name, () => void run.end().then(() => process.exit(1)));
}
// A part is wanted at once: the type check and the lint belong to the whole.
if (words.length === 0) {
	await run.check('the type check', 'tsc', ['--noEmit']);
	await run.check('the lint', 'biome', ['check', '.']);
}
await run.jest(words);
const { passed, failed, skipped } = run;
if (run.expired) console.error(`The run was not over after ${formatDuration(limit)} and was ended.`);
if (skipped > 0) console.error(`${skipped} skipped; each says why.`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function refuse(why: string): never {
	console.error(`tests/run: ${why}`);
	console.log('0 passed, 1 failed');
	process.exit(1);
}
