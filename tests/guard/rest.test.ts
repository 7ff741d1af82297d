import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE } from '../patience.ts';
import { GuardedHouse } from './house.ts';
import { readSwitches } from './proc.ts';
import { visitOnce } from './visitor.ts';

/** So long nobody runs. Longer, and V8 would break it by itself: for some minutes it looks every 8 s whether to collect. */
const QUIET_MS = 2000;

/** Until then the last deadlines of the last visit are over, and what V8 does behind a start. Measured: 4 s on a machine of its own. */
const QUIET_WITHIN_MS = PATIENCE / 2;

const LOOK_EVERY_MS = 50;

test('at rest, with tenants that sleep, no thread of keeper, launcher or edge runs: none is woken, no timer ticks', async () => {
	const guarded = await GuardedHouse.start(3, { open: true });
	try {
		for (let n = 0; n < 3; n++) await visitOnce(guarded.house.port, guarded.host(n));
		for (let n = 0; n < 3; n++) await guarded.stop(n);
		const { keeper, launcher, edge } = guarded;
		const began = performance.now();
		let look = { keeper: 0, launcher: 0, edge: 0 };
		let ran: Record<string, number> = {};
		let since = began;
		while (performance.now() - since < QUIET_MS && performance.now() - began < QUIET_WITHIN_MS) {
			const next = { keeper: readSwitches(keeper), launcher: readSwitches(launcher), edge: readSwitches(edge) };
			if (JSON.stringify(next) !== JSON.stringify(look)) {
				ran = {
					keeper: next.keeper - look.keeper,
					launcher: next.launcher - look.launcher,
					edge: next.edge - look.edge,
				};
				look = next;
				since = performance.now();
			}
			await delay(LOOK_EVERY_MS);
		}
		expect(look.keeper * look.launcher * look.edge).toBeGreaterThan(0);
		expect(performance.now() - since >= QUIET_MS ? 'quiet' : ran).toBe('quiet');
	} finally {
		await guarded.end();
	}
});
