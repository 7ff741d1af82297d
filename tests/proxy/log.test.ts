import { AccessLog, escapeHex, escapeJson } from '../../proxy/accesslog.ts';
import type { Clock } from '../../proxy/clock.ts';
import type { Visit } from '../../proxy/visit.ts';
import { Front, polite } from './front.ts';

let front: Front | undefined;
afterEach(async () => {
	await front?.close();
	front = undefined;
});

function silent(line: string): void {
	throw new Error(line);
}

/** A clock that stands still until it is turned. */
function handClock(): Clock & { turn: () => void } {
	let planned: (() => void)[] = [];
	return {
		now: () => 1000,
		wall: () => Date.UTC(2026, 10, 21, 9, 5, 7, 45),
		after(_, then) {
			planned.push(then);
			return () => {
				planned = planned.filter((other) => other !== then);
			};
		},
		turn() {
			for (const then of planned.splice(0)) then();
		},
	};
}

function visit(changes: Record<string, unknown> = {}, head: Record<string, unknown> = {}): Visit {
	return {
		head: { method: 'GET', target: '/', host: 'hello.test', minor: 1, fields: [], ...head },
		client: '127.0.0.1',
		tenant: { view: { name: 'hello' } },
		status: 200,
		bytes: 5,
		wake: 'start',
		requestId: 'id-1',
		startedAt: 900,
		identifiedAt: 900,
		routedAt: 901.5,
		activatedAt: 951.5,
		connectedAt: 951.75,
		answeredAt: 990,
		now: 1000,
		...changes,
	} as unknown as Visit;
}

test('a line of JSON has the time of the request’s begin, the visitor, the tenant and how long each stage took in ms', () => {
	const clock = handClock();
	let text = '';
	const log = new AccessLog(
		'json',
		clock,
		(bytes, done) => {
			text += bytes.toString('latin1');
			done();
		},
		silent,
	);
	log.visited(visit());
	expect(text).toBe('');
	clock.turn();
	expect(JSON.parse(text)).toEqual({
		time: '2026-11-21T09:05:06.945Z',
		client: '127.0.0.1',
		method: 'GET',
		host: 'hello.test',
		target: '/',
		status: 200,
		bytes: 5,
		tenant: 'hello',
		wake: 'start',
		identify: 0,
		route: 1.5,
		activate: 50,
		connect: 0.25,
		answer: 38.25,
		total: 100,
		id: 'id-1',
	});
});

test('the combined format is the one of Apache and nginx', () => {
	const clock = handClock();
	let text = '';
	const log = new AccessLog(
		'combined',
		clock,
		(bytes, done) => {
			text += bytes.toString('latin1');
			done();
		},
		silent,
	);
	log.visited(visit({}, { fields: ['User-Agent', 'a "browser"\x80', 'Referer', 'http://a/'] }));
	clock.turn();
	expect(text).toBe(
		'127.0.0.1 - - [21/Nov/2026:09:05:06 +0000] "GET / HTTP/1.1" 200 5 "http://a/" "a \\x22browser\\x22\\x80"\n',
	);
});

test('every byte that a visitor may send stays inside its quotes', () => {
	for (let byte = 0; byte < 256; byte++) {
		const text = `a${String.fromCharCode(byte)}b`;
		expect(JSON.parse(`"${escapeJson(text)}"`)).toBe(text);
		expect(escapeHex(text)).toMatch(/^a(?:\\x[0-9A-F]{2}|[ !#-[\]-~])b$/);
		expect(escapeJson(text)).toMatch(/^[ -~]+$/);
	}
});

test('what a visitor puts into the target, the host and its fields cannot forge a line', async () => {
	front = await Front.open();
	await front.tenant(polite);
	const visitor = front.visitor();
	visitor.get('/"},{"status":500,"x\\":"');
	await visitor.answer();
	visitor.send('GET /\x0d\x0a HTTP/1.1\r\nHost: hello.test\r\n\r\n');
	await visitor.all();
	expect(await front.logs(2)).toMatchObject({ method: '-', target: '-', status: 400 });
	expect(front.log[0]).toMatchObject({ target: '/"},{"status":500,"x\\":"', status: 200 });
	expect(front.rawLog.trimEnd().split('\n')).toHaveLength(2);
});

test('lines of a while are written as one; while the sink is stuck they gather up to a bound, then are dropped and counted', () => {
	const clock = handClock();
	const written: { text: string; done: () => void }[] = [];
	let reported = '';
	const log = new AccessLog(
		'json',
		clock,
		(bytes, done) => void written.push({ text: bytes.toString('latin1'), done }),
		(line) => {
			reported += line;
		},
	);
	for (let i = 0; i < 3; i++) log.visited(visit());
	clock.turn();
	expect(written[0]?.text.split('\n')).toHaveLength(4);
	for (let i = 0; i < 10_000; i++) log.visited(visit({}, { target: `/${'a'.repeat(100)}` }));
	expect(written).toHaveLength(1);
	written[0]?.done();
	const dropped = Number(/^\d+/.exec(reported)?.[0]);
	expect(dropped).toBeGreaterThan(1000);
	const lines = written[1]?.text.trimEnd().split('\n') ?? [];
	expect(lines).toHaveLength(10_000 - dropped);
	for (const line of lines) JSON.parse(line);
	log.visited(visit());
	let flushed = false;
	log.flushed(() => {
		flushed = true;
	});
	written[1]?.done();
	expect(flushed).toBe(false);
	written[2]?.done();
	expect(flushed).toBe(true);
});

test('nothing is written where the log is off', () => {
	const log = new AccessLog(
		'off',
		handClock(),
		() => {
			throw new Error('written');
		},
		silent,
	);
	log.visited(visit());
	let flushed = false;
	log.flushed(() => {
		flushed = true;
	});
	expect(flushed).toBe(true);
});
