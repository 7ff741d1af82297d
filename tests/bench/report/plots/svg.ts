import type { Markup } from '../../../../bench/report/markup.ts';

/** The attributes of each such element of a drawing, in order. */
export function elements(svg: Markup, name: string): Record<string, string>[] {
	return [...svg.text.matchAll(new RegExp(`<${name} ([^>]*?)/?>`, 'g'))].map(([, attributes = '']) =>
		Object.fromEntries([...attributes.matchAll(/([a-z0-9-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
	);
}

/** Every text that is drawn. */
export function texts(svg: Markup): string[] {
	return [...svg.text.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words = '']) => words);
}
