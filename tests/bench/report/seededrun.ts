import type { About, Figure } from '../../../bench/figure.ts';
import type { Environment } from '../../../bench/method/environment.ts';
import { medianOf, overFloor } from '../../../bench/method/estimates.ts';
import { median, quantile, seededRandom } from '../../../bench/method/statistics.ts';
import type { Run } from '../../../bench/report/run.ts';

/** How a run is made up. */
export interface Making {
	readonly seed: number;
	/** How far each ratio is off by itself in this run (standard deviation): 0.01 is 1 %. */
	readonly wander?: number;
	/** By subject: how often its usual cost it has. */
	readonly cost?: Readonly<Record<string, number>>;
	/** Rounds of throughput; 9 unless told. */
	readonly rounds?: number;
	/** Wakes of a cold start; 60 unless told. */
	readonly wakes?: number;
	/** Without the intervals of values and ratios to floors, which take long to draw; with them unless told. */
	readonly bare?: boolean;
}

/** A run as a machine with moods would give it: all of it faster or slower by up to a third, and its rounds by a few percent. */
export function seededRun({ seed, wander = 0, cost = {}, rounds = 9, wakes = 60, bare = false }: Making): Run {
	const random = seededRandom(seed * 7919 + 1);
	// The first numbers of neighbouring seeds are alike.
	for (let i = 0; i < 20; i++) random();
	const machine = 1 + (random() - 0.5) * 0.66;
	const making = { random, machine, wander, cost, bare };
	return {
		version: 2,
		quick: false,
		environment,
		noise: [
			{ bench: 'cold', seconds: 412.3, stolen: 0.0004, others: 0.012, slower: 0.021, noisy: false },
			{ bench: 'throughput', seconds: 633, stolen: 0.0021, others: 0.31, slower: 0.084, noisy: true },
			{ bench: 'tune', seconds: 95, stolen: 0, others: 0.004, slower: 0.012, noisy: false },
			{ bench: 'churn', seconds: 61.2, stolen: 0, others: 0.008, slower: 0.017, noisy: false },
		],
		broken: [{ bench: 'density', reason: 'no space left in /tmp <1 MiB free> & nothing else to try' }],
		figures: [
			...coldStarts(making, 'Node hello server', 46, wakes),
			...coldStarts(making, 'static C server', 0.8, wakes),
			...throughputs(making, rounds),
			...tunings(random),
			...counts,
		],
	};
}

interface Mood {
	readonly random: () => number;
	readonly machine: number;
	readonly wander: number;
	readonly cost: Readonly<Record<string, number>>;
	readonly bare: boolean;
}

/** Above the floor, in ms. */
const activators = {
	innkeeper: 1.6,
	'innkeeper, sandboxed with all namespaces': 3.1,
	'systemd-socket-activate': 0.9,
	'systemd-socket-activate with systemd-socket-proxyd': 5.2,
	xinetd: 2.2,
	'uWSGI Emperor': 38,
	hotel: 71,
} as const;

function coldStarts(
	{ random, machine, wander, cost, bare }: Mood,
	group: string,
	floorMs: number,
	wakes: number,
): Figure[] {
	const about = { bench: 'cold', group, measure: 'cold start', unit: 'ms', better: 'less' } as const;
	const rounds = Array.from({ length: wakes }, () => machine * Math.exp(0.05 * normal(random)));
	const times = (ms: number): number[] => {
		const own = Math.exp(wander * normal(random));
		// A wake now and then meets something else that wants the CPU.
		return rounds.map((round) => {
			const late = random() < 0.04 ? 1 + random() : 1;
			return round * own * ms * late * Math.exp(0.04 * normal(random));
		});
	};
	const floor = times(floorMs);
	const figures: Figure[] = [{ ...about, subject: 'floor', ...medianIn(bare, floor) }];
	for (const [subject, above] of Object.entries(activators)) {
		const samples = times((floorMs + above) * (cost[subject] ?? 1));
		figures.push({ ...about, subject, ...medianIn(bare, samples), ...(bare ? {} : overFloor(samples, floor)) });
		if (subject !== 'innkeeper') continue;
		const differences = samples.map((value, i) => value - (floor[i] ?? Number.NaN));
		const measure = 'above its floor';
		const note = `${wakes} pairs`;
		figures.push({ ...about, subject, measure, ...medianIn(bare, differences), budget: { atMost: 2.5 }, note });
		const p99 = quantile(Float64Array.from(samples).sort(), 0.99);
		figures.push({ ...about, subject, measure: 'p99', value: p99, samples });
	}
	const note =
		'not installed: apt-get install libapache2-mod-passenger (or nginx with its module, see its documentation)';
	figures.push({ ...about, subject: 'Passenger', value: undefined, note });
	return figures;
}

/** CPU a request in µs, at 64 connections. */
const proxies = {
	innkeeper: 45,
	nginx: 33,
	HAProxy: 31,
	'http-proxy': 170,
	'http-proxy-3': 248,
	'@fastify/http-proxy': 166,
};

function throughputs({ random, machine, wander, cost, bare }: Mood, rounds: number): Figure[] {
	const group = '1 KiB GET, keep-alive, 64 connections';
	const moods = Array.from({ length: rounds }, () => machine * Math.exp(0.06 * normal(random)));
	const figures: Figure[] = [];
	const costs = new Map<string, number[]>();
	for (const [subject, µs] of Object.entries(proxies)) {
		const own = Math.exp(wander * normal(random)) * (cost[subject] ?? 1);
		const samples = moods.map((mood) => mood * own * µs * Math.exp(0.015 * normal(random)));
		costs.set(subject, samples);
		const about = { bench: 'throughput', group, subject } as const;
		const rates = samples.map((sample) => 1e6 / sample);
		figures.push({ ...about, measure: 'CPU a request', unit: 'µs', better: 'less', ...medianIn(bare, samples) });
		figures.push({ ...about, measure: 'rate', unit: '/s', better: 'more', ...medianIn(bare, rates) });
	}
	const [ours = [], nginx = []] = [costs.get('innkeeper'), costs.get('nginx')];
	const ratio: About = {
		bench: 'throughput',
		group,
		subject: 'innkeeper',
		measure: 'CPU over nginx',
		unit: '×',
		better: 'less',
	};
	const ratios = ours.map((value, i) => value / (nginx[i] ?? Number.NaN));
	figures.push({ ...ratio, ...medianIn(bare, ratios), budget: { atMost: 1.35 } });
	return figures;
}

function tunings(random: () => number): Figure[] {
	const settings = [
		'never',
		'freeze 10s, stop 5m',
		'freeze 10s, stop 1h',
		'freeze 1m, stop 15m',
		'stop 30s',
		'stop 5m',
		'stop 1h',
	];
	return settings.flatMap((subject, i): Figure[] => {
		const about = { bench: 'tune', group: 'Zipf population of 1,000 tenants, a day', subject, better: 'less' } as const;
		const memory = [9800, 1230, 1840, 1610, 610, 1250, 3900][i] ?? 0;
		const p99 = [1.1, 52, 9.5, 31, 61, 54, 12.2][i] ?? 0;
		return [
			{ ...about, measure: 'memory', unit: 'MiB', value: memory * (1 + random() / 50) },
			{ ...about, measure: 'p99', unit: 'ms', value: p99 * (1 + random() / 50) },
		];
	});
}

const crowd = { bench: 'churn', group: '1000 simultaneous first visitors', subject: 'innkeeper', unit: '' } as const;
const counts: readonly Figure[] = [
	{ ...crowd, measure: 'answers', better: 'more', value: 1000, budget: { atLeast: 1000 } },
	{
		...crowd,
		measure: 'launches',
		better: 'less',
		value: 2,
		budget: { atMost: 1 },
		note: 'one launch was killed & repeated',
	},
	{ ...crowd, measure: 'until the last answer', better: 'less', unit: 'ms', value: 598.2 },
];

const environment: Environment = {
	at: '2026-11-25T19:04:05.000Z',
	commit: '3f0c309b1c2d',
	kernel: '6.18.0',
	cpu: 'AMD EPYC 7763 64-Core Processor (x64)',
	cpus: 2,
	memoryBytes: 8_326_742_016,
	governor: 'performance',
	clockSource: 'tsc',
	mitigations: { spectre_v2: 'Mitigation: Retpolines; STIBP: disabled', spec_store_bypass: 'Vulnerable' },
	loadBefore: 0.12,
	user: 0,
	variables: { NODE_OPTIONS: '--max-old-space-size=512' },
	versions: { node: 'v24.21.0', nginx: 'nginx version: nginx/1.22.1', wrk: 'wrk 4.1.0 [epoll]', hotel: 'missing' },
};

function medianIn(bare: boolean, samples: readonly number[]): Pick<Figure, 'value' | 'interval' | 'samples'> {
	return bare ? { value: median(samples), samples } : medianOf(samples);
}

/** Of mean 0 and deviation 1 (Box and Muller 1958). */
function normal(random: () => number): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
