import { Addresses } from '../../launcher/addresses.ts';
import { type Answer, type Fields, KeeperFailure, Message } from '../../launcher/keeper/frames.ts';
import { FakeClock } from './fake-clock.ts';
import { makeTenant } from './lodging-house.ts';

const tenant = makeTenant(101, { addresses: [{ address: '127.0.5.1', port: 25, kind: 'tcp' }] });
const NAME = 'tcp/127.0.5.1:25';

let clock: FakeClock;
let asked: string[];
let failing: string | undefined;
let lines: string[];
let opened: number[];
let addresses: Addresses;
beforeEach(() => {
	clock = new FakeClock();
	asked = [];
	failing = undefined;
	lines = [];
	opened = [];
	const request = async (verb: string, { name }: Fields): Promise<Answer> => {
		asked.push(`${verb} ${name}`);
		if (verb === 'open' && failing !== undefined) throw new KeeperFailure('open', failing, 'bind');
		return new Message('done', []);
	};
	addresses = new Addresses(
		{ request, send: (verb, fields) => void request(verb, fields) },
		clock,
		(line) => lines.push(line),
		(id) => opened.push(id),
	);
});

async function settle(): Promise<void> {
	for (let turn = 0; turn < 8; turn++) await null;
}

test('a busy address is tried again, ever more seldom, told once, and told again when it is there', async () => {
	failing = 'EADDRINUSE';
	await addresses.follow(101, tenant);
	const pauses: number[] = [];
	for (let tries = 0; tries < 8; tries++) {
		pauses.push(clock.untilNext ?? 0);
		clock.advance(clock.untilNext ?? 0);
		await settle();
	}
	expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
	expect(lines).toEqual([
		'tenant-101: cannot listen on 127.0.5.1:25: somebody else listens there (EADDRINUSE); it is tried again and again',
	]);
	expect(addresses.isOpen(NAME)).toBe(false);
	expect(addresses.deafOf(tenant)).toMatchObject([{ address: '127.0.5.1:25', retryAt: clock.now() + 60_000 }]);
	failing = undefined;
	clock.advance(60_000);
	await settle();
	expect(addresses.isOpen(NAME)).toBe(true);
	expect(addresses.deafOf(tenant)).toEqual([]);
	expect(opened).toEqual([101]);
	expect(lines.at(-1)).toBe('tenant-101: listens on 127.0.5.1:25 now');
	expect(clock.pending).toBe(0);
});

test('another reason is told: first the machine has no such address, then somebody else has it', async () => {
	failing = 'EADDRNOTAVAIL';
	await addresses.follow(101, tenant);
	failing = 'EADDRINUSE';
	clock.advance(1000);
	await settle();
	expect(lines.map((line) => /\((\w+)\)/.exec(line)?.[1])).toEqual(['EADDRNOTAVAIL', 'EADDRINUSE']);
});

test('a tenant that goes, or gives the address up, is tried for no more', async () => {
	failing = 'EADDRINUSE';
	await addresses.follow(101, tenant);
	await addresses.follow(101, undefined);
	expect(clock.pending).toBe(0);
	expect(addresses.deafOf(tenant)).toEqual([]);
});

test('an address that a tenant gave up while it was being opened is closed', async () => {
	const opening = addresses.follow(101, tenant);
	const giving = addresses.follow(101, undefined);
	await Promise.all([opening, giving]);
	expect(asked).toEqual([`open ${NAME}`, `close ${NAME}`]);
	expect(addresses.isOpen(NAME)).toBe(false);
});

test('a file that is read again is a reason to try at once', async () => {
	failing = 'EADDRINUSE';
	await addresses.follow(101, tenant);
	failing = undefined;
	await addresses.follow(101, tenant);
	expect(addresses.isOpen(NAME)).toBe(true);
	expect(clock.pending).toBe(0);
});
