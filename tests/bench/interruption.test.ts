import { EventEmitter } from 'node:events';
import { Interrupted, Interruption } from '../../bench/interruption.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
	'%s ends a run where it asks next, and a second one is the system’s',
	(signal) => {
		const process = new EventEmitter() as NodeJS.Process;
		const interruption = new Interruption(process);
		expect(() => interruption.check()).not.toThrow();
		process.emit(signal);
		expect(() => interruption.check()).toThrow(Interrupted);
		expect(process.listenerCount(signal)).toBe(0);
	},
);
