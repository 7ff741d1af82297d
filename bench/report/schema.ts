import * as z from 'zod';
import type { StoredRun } from './run.ts';

const part = z.number().min(0);
const interval = z.strictObject({ low: z.number(), high: z.number() });

const figure = z
	.strictObject({
		bench: z.string().describe('the bench that measured it'),
		group: z.string().describe('the workload, whose subjects stand side by side'),
		subject: z.string().describe('whose figure it is: innkeeper, a peer or floor'),
		measure: z.string().describe('what was measured'),
		unit: z.string().describe('ms, µs, ×, MiB, /s, or empty for what is counted'),
		better: z.enum(['less', 'more', 'neither']).describe('which way is better; neither for what only describes'),
		value: z.number().exactOptional().describe('absent where it could not be measured; the note says why'),
		interval: interval.exactOptional().describe("the value's 95 % interval"),
		samples: z
			.array(z.number())
			.exactOptional()
			.describe('what the value was made of, in the order measured: one a round, or one a wake'),
		overFloor: z
			.strictObject({ value: z.number(), low: z.number(), high: z.number() })
			.exactOptional()
			.describe('the value over that of its floor, with its 95 % interval'),
		budget: z
			.strictObject({ atMost: z.number().exactOptional(), atLeast: z.number().exactOptional() })
			.exactOptional()
			.describe('what the value has to reach'),
		note: z.string().exactOptional().describe('how it came about, or what was missing'),
	})
	.describe('one measured number; bench, group, subject and measure together name it');

const environment = z.strictObject({
	at: z.iso.datetime().describe('when the run began'),
	commit: z.string().describe('of the sources, -dirty where they were changed since'),
	kernel: z.string(),
	cpu: z.string(),
	cpus: z.int().min(1),
	memoryBytes: z.int().min(0),
	governor: z
		.string()
		.exactOptional()
		.describe("how the kernel chooses the CPU's frequency; absent where it has no say"),
	clockSource: z.string().exactOptional().describe('what the kernel reads the time from'),
	mitigations: z.record(z.string(), z.string()).describe("the CPU's known faults, and what the kernel does about each"),
	loadBefore: part.describe('average load of the minute before the run'),
	user: z.int().describe('id of the user who ran it'),
	variables: z.record(z.string(), z.string()).describe('environment variables that change how programs start'),
	versions: z.record(z.string(), z.string()).describe('of Node, peers and tools; missing where not installed'),
});

const noise = z
	.strictObject({
		bench: z.string(),
		seconds: part.describe('how long the bench ran'),
		stolen: part.describe("what the hypervisor gave to others, as a part (0 … 1) of all CPUs' time"),
		others: part.describe("what processes that are not the bench's used, in CPUs"),
		slower: part.describe(
			'by how much a known piece of work took longer around the bench than at its quickest: 0.05 is 5 %',
		),
		noisy: z.boolean(),
	})
	.describe('how much of the machine somebody else had while a bench ran');

const run = z
	.strictObject({
		version: z.literal(2).describe('of this format'),
		quick: z.boolean().describe('a tenth of the work'),
		environment,
		noise: z.array(noise).describe('one a bench, in the order run'),
		broken: z
			.array(z.strictObject({ bench: z.string(), reason: z.string() }))
			.describe('benches that could not be run'),
		figures: z.array(figure),
	})
	.meta({ title: 'Run of the Innkeeper bench' });

/** What such a file has to be; run.schema.json is made of it (`npm run bench -- schema`). */
export const runSchema: z.ZodType<StoredRun> = run;

/** The same for other programs, as JSON Schema 2020-12. */
export function jsonSchema(): object {
	return z.toJSONSchema(runSchema);
}
