import type { House } from '../../launcher/house.ts';
import type { Denial } from '../../launcher/protocol/edge.ts';
import { whyNot } from '../../launcher/whynot.ts';
import { LodgingHouse, makeTenant } from './lodging-house.ts';

const house = { state: '/nowhere' } as House;

/** What is told of a tenant whose last start has failed, or not. */
async function told(reason: Denial, hasFailed: boolean): Promise<string> {
	const { lodging, driver } = new LodgingHouse(makeTenant(101));
	if (hasFailed) {
		void lodging.wake(101);
		driver.last.end('exit:3');
	}
	return (await whyNot({ lodging, house }, makeTenant(101), reason)).why;
}

test('a start that failed is told as what it was', async () => {
	expect(await told('failed', true)).toBe('ended with status 3 before it was ready');
});

test('who found no place has not failed, whatever was before', async () => {
	for (const hasFailed of [true, false])
		expect(await told('busy', hasFailed)).toMatch(/^found no place to run: .*`starts`/);
});

test.each<[Denial, RegExp]>([
	['failed', /^was stopped before it was ready$/],
	['timeout', /^did not get its turn to be started within 30s$/],
	['unknown', /^is no tenant any more$/],
])('what was denied as %s without any failure is told in words', async (reason, words) => {
	expect(await told(reason, false)).toMatch(words);
});
