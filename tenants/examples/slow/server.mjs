// Listening is being ready: nobody gets an answer from a server that has not warmed up.
import { createServer } from 'node:http';
import { setTimeout as warmUp } from 'node:timers/promises';

console.log('warming up for two seconds'); // to be read with `innkeeper logs slow`
await warmUp(2000);

createServer((_request, response) => {
	response.setHeader('Content-Type', 'text/html; charset=utf-8');
	response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>slow</title>
<style>body { font: 18px/1.6 system-ui, sans-serif; color: #3a2f2a; background: #f6efe9; margin: 0; display: grid; place-items: center; min-height: 100vh }
main { background: #fff; max-width: 32rem; padding: 2.5rem 3rem; border-radius: 14px; box-shadow: 0 12px 40px #3a2f2a1a } h1 { margin: 0; color: #a8562f }</style>
<main><h1>Worth the wait.</h1><p>If I was asleep, you waited two seconds for me. Now that I am awake, <a href="">I am quick</a>.</p></main></html>`);
}).listen(process.env.PORT);
