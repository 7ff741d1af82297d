/** Text that is HTML or SVG already, and is not escaped again. */
export class Markup {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

/** What can stand in markup: words and numbers, which are escaped, markup, lists of these, and undefined, which is nothing. */
export type Content = string | number | undefined | Markup | readonly Content[];

/** Writes HTML or SVG: what is put in is escaped unless it is markup itself, in text and in quoted attributes alike. */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
	return new Markup(parts.reduce((text, part, i) => text + textOf(contents[i - 1]) + part));
}

function textOf(content: Content): string {
	if (content === undefined) return '';
	if (content instanceof Markup) return content.text;
	if (typeof content === 'object') return content.map(textOf).join('');
	return String(content).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
