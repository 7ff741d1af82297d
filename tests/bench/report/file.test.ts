import { parseRun, readRun, runText } from '../../../bench/report/file.ts';
import { seededRun } from './seededrun.ts';

const run = seededRun({ seed: 1, wakes: 10, bare: true });

/** The run's document with a change, as text. */
function changed(change: (document: Record<string, unknown>) => void): string {
	const document = JSON.parse(runText(run));
	change(document);
	return JSON.stringify(document);
}

test('a run comes back from its text as it was, with what was not measured', () => {
	expect(parseRun(runText(run), 'run.json')).toEqual(run);
	expect(run.figures.some(({ value }) => value === undefined)).toBe(true);
});

describe('what is no run is refused with the place of the fault:', () => {
	test('a file that is not there', async () => {
		await expect(readRun('/nowhere/run.json')).rejects.toThrow(/^\/nowhere\/run.json cannot be read: .*ENOENT/);
	});

	test('no JSON', () => {
		expect(() => parseRun('{"version": 2,', 'cut.json')).toThrow(/^cut.json is no JSON: /);
	});

	test.each<[string, (run: Record<string, unknown>) => void, RegExp]>([
		['another version', (document) => (document['version'] = 1), /expected 2.*\n.*at version/],
		[
			'a figure without a name',
			({ figures }) => delete (figures as { subject?: string }[])[3]?.subject,
			/figures\[3\]\.subject/,
		],
		['a value that is a word', ({ figures }) => ((figures as object[])[0] = { value: 'much' }), /figures\[0\]/],
		['a name that nobody knows', (document) => (document['colour'] = 'blue'), /"colour"/],
		['a missing part', (document) => delete document['environment'], /environment/],
	])('%s', (_, change, place) => {
		expect(() => parseRun(changed(change), 'odd.json')).toThrow(place);
		expect(() => parseRun(changed(change), 'odd.json')).toThrow(/^odd.json is no run of this bench/);
	});

	test('many faults are not listed all', () => {
		expect(() => parseRun('{}', 'empty.json')).toThrow(/…$/);
	});
});
