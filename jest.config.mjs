import { availableParallelism } from 'node:os';
import { PATIENCE } from './tests/patience.ts';

/** Tests mirror the source folders; `tests/run` calls jest with Node's own ESM loader (STYLE: ESM only, erasable TypeScript). */
export default {
	testEnvironment: '<rootDir>/tests/runner/environment.mjs',
	roots: ['<rootDir>/tests'],
	testMatch: ['**/*.test.ts'],
	extensionsToTreatAsEsm: ['.ts'],
	transform: {
		'^.+\\.ts$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
		],
	},
	testTimeout: PATIENCE,
	// In processes of their own always, also a single file: one that hangs is ended, and the others are run all the same.
	workerIdleMemoryLimit: '1G',
	// One more than there are processors: many tests wait for what other processes do, two fifths of the time on two of them.
	maxWorkers: Math.min(availableParallelism(), 4) + 1,
	reporters: ['default', '<rootDir>/tests/lingering.mjs'],
	watchman: false,
};
