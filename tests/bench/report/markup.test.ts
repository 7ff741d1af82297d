import { markup } from '../../../bench/report/markup.ts';

test('words are escaped, in text and in attributes, whatever they hold', () => {
	const odd = `<b>"Tom" & 'Jerry'</b>`;
	expect(markup`<p title="${odd}">${odd}</p>`.text).toBe(
		'<p title="&#60;b&#62;&#34;Tom&#34; &#38; &#39;Jerry&#39;&#60;/b&#62;">&#60;b&#62;&#34;Tom&#34; &#38; &#39;Jerry&#39;&#60;/b&#62;</p>',
	);
});

test('markup is put in as it is, lists one after the other, and undefined not at all', () => {
	expect(markup`<p>${[markup`<i>${1}</i>`, ['a', undefined]]}${undefined}</p>`.text).toBe('<p><i>1</i>a</p>');
});
