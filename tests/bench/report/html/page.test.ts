import { page } from '../../../../bench/report/html/page.ts';
import { seededRun } from '../seededrun.ts';

const run = seededRun({ seed: 7 });
const html = page(run);

/** The text without tags. */
const told = html
	.replace(/<style>.*?<\/style>/s, '')
	.replace(/<[^>]*>/g, ' ')
	.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
	.replace(/\s+/g, ' ');

test('needs no network and no script', () => {
	expect(html).not.toMatch(/<script|<link [^>]*href="(?!data:)|@import|url\(|\bsrc=|\bon[a-z]+="/i);
	expect(
		[...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href).filter((href) => !/^(#|data:)/.test(href ?? '')),
	).toEqual([]);
});

test('every tag is closed, in order', () => {
	const open: string[] = [];
	const text = html.replace(/<style>.*?<\/style>/s, '').replace('<!doctype html>', '');
	for (const [, slash, name = '', self] of text.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
		if (self === '/' || ['meta', 'link'].includes(name)) continue;
		if (slash === '') open.push(name);
		else expect(open.pop()).toBe(name);
	}
	expect(open).toEqual([]);
});

test('links lead to places of the page', () => {
	for (const [, id] of html.matchAll(/href="#([^"]*)"/g)) expect(html).toContain(`id="${id}"`);
});

test('says where, when and how noisy', () => {
	expect(told).toContain('Commit 3f0c309b1c2d, 2026-11-25 19:04 UTC , on 2 × AMD EPYC');
	expect(told).toContain('Noisy machine during throughput');
	expect(told).toContain('Noisy: others used 31.0 % of a CPU (at most 5 %)');
	expect(told).toContain('NODE_OPTIONS --max-old-space-size=512');
	expect(told).toContain('spec_store_bypass Vulnerable');
});

test('says what is missing and why: figures, benches', () => {
	expect(told).toContain('Passenger not measured: not installed: apt-get install libapache2-mod-passenger');
	expect(told).toContain('density could not be run: no space left in /tmp <1 MiB free> & nothing else to try');
});

test('holds every measure of every group, and each subject', () => {
	for (const { group, subject, measure } of run.figures)
		for (const words of [group, subject, measure]) expect(told).toContain(words);
});

test('counts budgets: met, missed and not measured', () => {
	const figures = run.figures.map((figure) =>
		figure.measure === 'answers' ? { ...figure, value: undefined } : figure,
	);
	expect(page({ ...run, figures })).toMatch(/– 1<\/b>not measured/);
	expect(page({ ...run, figures: figures.map(({ budget: _, ...rest }) => rest) })).toContain(
		'No figure of this run has a budget',
	);
});

test('of a run in which nothing was measured is a page all the same', () => {
	expect(page({ ...run, figures: [], noise: [], broken: [] })).toContain('How noisy the machine was is not known');
});

test('says that a quick run is one', () => {
	expect(page({ ...run, quick: true })).toContain('Quick run');
	expect(html).not.toContain('Quick run');
});
