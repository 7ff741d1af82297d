import type { Clock } from '../../proxy/clock.ts';
import { Front, type RawConnection, type RawVisitor } from './front.ts';
import { StillClock } from './still-clock.ts';

let front: Front;
let connection: RawConnection;
let accepted: Promise<RawConnection>;

async function open(clock?: Clock): Promise<void> {
	front = await Front.open({}, clock);
	let hand: (connection: RawConnection) => void;
	accepted = new Promise<RawConnection>((resolve) => {
		hand = resolve;
	});
	await front.tenant((connection) => hand(connection));
}
afterEach(() => front.close());

/** Both ends are in this process: what was written is read within a turn or two of its event loop. */
async function turns(): Promise<void> {
	for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('behind the last answer what a visitor still sends is read on, so that no reset eats the answer', () => {
	let clock: StillClock;
	beforeEach(() => {
		clock = new StillClock();
		return open(clock);
	});

	/** A visitor in the middle of a large body, which its tenant has refused. */
	async function refused(): Promise<RawVisitor> {
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 20000000\r\n\r\nbegin');
		connection = await accepted;
		await connection.upTo('begin');
		connection.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno\n');
		await visitor.until(() => visitor.text.endsWith('no\n'), 'the answer');
		await turns();
		return visitor;
	}

	/** Sends on until a reset says that nobody reads it any more. */
	async function over(visitor: RawVisitor): Promise<void> {
		while (!visitor.closed) {
			visitor.send('x');
			await turns();
		}
		expect(visitor.error).toMatch(/ECONNRESET|EPIPE/);
	}

	test('as long as something comes, within a bound', async () => {
		const visitor = await refused();
		for (let second = 0; second < 28; second += 4) {
			clock.leap(4000);
			visitor.send('x'.repeat(100_000));
			await visitor.read();
			expect(visitor.closed).toBe(false);
		}
		expect(visitor.text).toMatch(/^HTTP\/1\.1 413 [\s\S]*no\n$/);
		clock.leap(4000);
		await over(visitor);
	});

	test('and not when it falls silent', async () => {
		const visitor = await refused();
		expect(await visitor.all()).toMatch(/^HTTP\/1\.1 413 /);
		clock.leap(4000);
		visitor.send('still here');
		await visitor.read();
		clock.leap(6000);
		await over(visitor);
	});
});

describe('a visitor who ends its half', () => {
	beforeEach(() => open());

	test('in a body that it sent ahead of its turn is gone at once when the turn comes', async () => {
		const visitor = front.visitor();
		visitor.get('/first');
		visitor.send('POST /second HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 10\r\n\r\nhalf');
		visitor.socket.end();
		connection = await accepted;
		await connection.head();
		await turns();
		connection.answer('first');
		expect((await visitor.answer()).body).toBe('first');
		await visitor.end();
		expect(await front.logs(2)).toMatchObject({ target: '/second', error: 'visitor-gone' });
		await connection.end();
	});

	test('behind a whole body that waits for the tenant gets its answer', async () => {
		front.launcher.onAcquire = () => {};
		const visitor = front.visitor();
		visitor.send('POST / HTTP/1.1\r\nHost: hello.test\r\nContent-Length: 4\r\n\r\nbody');
		visitor.socket.end();
		const asked = await front.launcher.hears('acquire');
		await turns();
		front.launcher.grant(asked, 1);
		connection = await accepted;
		await connection.upTo('body');
		connection.answer('got it');
		expect((await visitor.answer()).body).toBe('got it');
	});
});
