/** Tests mirror the source folders; `tests/run` calls jest with Node's own ESM loader (STYLE: ESM only, erasable TypeScript). */
export default {
	testEnvironment: 'node',
	roots: ['<rootDir>/tests'],
	testMatch: ['**/*.test.ts'],
	extensionsToTreatAsEsm: ['.ts'],
	transform: {
		'^.+\\.ts$': [
			'@swc/jest',
			{ jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
		],
	},
	testTimeout: 20_000,
	reporters: ['default', '<rootDir>/tests/lingering.mjs'],
	watchman: false,
};
