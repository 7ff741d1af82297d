import type { Key } from '../config/keys.ts';
import type { KeyNote, Reference } from '../config/reference.ts';

/** What stands above the keys of a page. */
export interface Heading {
	readonly title: string;
	readonly lines: readonly string[];
}

/** A page of reference in Markdown: every key with its sentence, what it has to be, its default and an example. */
export function referencePage({ title, lines }: Heading, keys: readonly Key[], reference: Reference): string {
	const written = 'Written by `npm run docs` from the schema and its sentences; a change here is lost.';
	return [
		`# ${title}`,
		`<!-- ${written} -->`,
		...lines,
		keys
			.filter(({ path }) => !path.includes('.'))
			.map(({ path }) => `[${path}](#${path.toLowerCase()})`)
			.join(' · '),
		...keys.flatMap((key) => paragraphs(key, reference[key.path])),
	]
		.join('\n\n')
		.concat('\n');
}

function paragraphs(key: Key, note: KeyNote | undefined): string[] {
	const level = key.path.includes('.') ? '###' : '##';
	return [`${level} ${key.path}`, note?.says ?? '', details(key, note)].filter((text) => text !== '');
}

function details(key: Key, note: KeyNote | undefined): string {
	switch (key.kind) {
		case 'section':
			return '';
		case 'unbuilt':
			return 'Not built yet: refused.';
		case 'value':
			return [
				`- Value: ${key.expected}`,
				key.required
					? '- Must be there.'
					: `- Default: ${key.default === undefined ? note?.absent : `\`${key.default}\``}`,
				`- Example: \`${note?.example}\``,
			].join('\n');
		default:
			return key.kind satisfies never;
	}
}
