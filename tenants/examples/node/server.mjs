// A plain Node server. It knows nothing of Innkeeper: it binds the port that it is told.
import { createServer } from 'node:http';

const started = Date.now();
let visits = 0;

const style = `
	body { font: 18px/1.6 system-ui, sans-serif; color: #1d2733; background: #f3f6f4; margin: 0; display: grid; place-items: center; min-height: 100vh }
	main { background: #fff; max-width: 34rem; padding: 2.5rem 3rem; border-radius: 14px; box-shadow: 0 12px 40px #1d273318 }
	h1 { margin: 0 0 .5rem; color: #2f7a4d } dt { color: #5c6b7a } dd { margin: 0 0 .6rem; font-weight: 600 } a { color: #2f7a4d }`;

createServer((request, response) => {
	visits++;
	const host = quoteHtml(request.headers.host ?? 'nobody in particular');
	response.setHeader('Content-Type', 'text/html; charset=utf-8');
	response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>node</title><style>${style}</style>
<main><h1>Good evening.</h1><p>You knocked, and this Node server was there.</p>
<dl><dt>You asked for</dt><dd>${host}${quoteHtml(request.url ?? '/')}</dd>
<dt>I have been awake for</dt><dd>${((Date.now() - started) / 1000).toFixed(1)} seconds</dd>
<dt>Visits since I woke</dt><dd>${visits}</dd>
<dt>My VPS id, my process</dt><dd>${process.env.VPS_ID}, ${process.pid}</dd></dl>
<p>Leave me alone for half a minute and I go to sleep; <a href="">knock again</a> and I am back with a new process.</p></main></html>`);
}).listen(process.env.PORT);

function quoteHtml(text) {
	return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
