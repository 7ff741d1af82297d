import { appendFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A reporter that writes down each file as it ends, so that what a run has found is known even where the run does not end by itself. */
export default class Results {
	onTestFileStart({ path, context: { config } }) {
		this.#write(config, { began: relative(config.rootDir, path) });
	}

	onTestFileResult(
		{ path, context: { config } },
		{ numPassingTests, numFailingTests, numPendingTests, testExecError },
	) {
		const broken = testExecError === undefined ? 0 : 1;
		this.#write(config, {
			ended: relative(config.rootDir, path),
			passed: numPassingTests,
			failed: numFailingTests + broken,
			skipped: numPendingTests,
		});
	}

	#write({ testEnvironmentOptions: { records } }, line) {
		if (records !== undefined) appendFileSync(join(records, 'results'), `${JSON.stringify(line)}\n`);
	}
}
