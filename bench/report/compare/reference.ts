import { type Figure, nameOf } from '../../figure.ts';
import type { Run } from '../run.ts';
import { isFloor, isOwn } from '../subject.ts';
import { FEWEST_SAMPLES } from './statistic.ts';

/** What a figure is held against in its own run, by names that both runs have. */
export type Reference =
	/** It is a ratio of its run already. */
	| { readonly kind: 'itself' }
	/** `difference`: the floor is of another measure than the figure, which may be what lies above it. */
	| { readonly kind: 'floor'; readonly names: readonly [string]; readonly difference: boolean }
	| { readonly kind: 'peers'; readonly names: readonly string[] };

/** Two runs, figure by figure. */
export class Pairing {
	readonly #a: ReadonlyMap<string, Figure>;
	readonly #b: ReadonlyMap<string, Figure>;
	/** By bench and group; all that both runs measured. */
	readonly #groups: ReadonlyMap<string, readonly Figure[]>;
	/** Peers that are not of one version in both: they measure nothing. */
	readonly #renewed: ReadonlySet<string>;

	constructor(a: Run, b: Run) {
		this.#a = measured(a);
		this.#b = measured(b);
		const both = [...this.#a].filter(([name]) => this.#b.has(name)).map(([, figure]) => figure);
		this.#groups = Map.groupBy(both, groupOf);
		const names = Object.keys(a.environment.versions);
		this.#renewed = new Set(names.filter((name) => a.environment.versions[name] !== b.environment.versions[name]));
	}

	/** Of what both runs measured, in the order of the first. */
	get names(): string[] {
		return [...this.#groups.values()].flat().map(nameOf);
	}

	/** Both runs' figures of that name. Throws RangeError where one has none. */
	of(name: string): readonly [Figure, Figure] {
		const [a, b] = [this.#a.get(name), this.#b.get(name)];
		if (a === undefined || b === undefined) throw new RangeError(`no figure ${name}`);
		return [a, b];
	}

	/** Names of what only the first, or only the second measured. */
	get lonely(): { readonly onlyA: string[]; readonly onlyB: string[] } {
		const without = (of: ReadonlyMap<string, Figure>, other: ReadonlyMap<string, Figure>): string[] =>
			[...of.keys()].filter((name) => !other.has(name));
		return { onlyA: without(this.#a, this.#b), onlyB: without(this.#b, this.#a) };
	}

	hasSamples(name: string): boolean {
		return this.of(name).every(({ samples }) => (samples?.length ?? 0) >= FEWEST_SAMPLES);
	}

	/** Whoever stands beside Innkeeper in a group is its peer, the floor apart. */
	isPeer(figure: Figure): boolean {
		if (isFloor(figure) || isOwn(figure)) return false;
		return this.#beside(figure).some(isOwn);
	}

	/** Undefined where nothing of its run tells the figure's change from the machine's. */
	referenceOf(figure: Figure): Reference | undefined {
		if (figure.unit === '×') return { kind: 'itself' };
		if (isFloor(figure)) return undefined;
		const usable = this.#beside(figure).filter((other) => other.unit === figure.unit && this.hasSamples(nameOf(other)));
		const floors = usable.filter(isFloor);
		const same = floors.find(({ measure }) => measure === figure.measure);
		const floor = same ?? (floors.length === 1 ? floors[0] : undefined);
		if (floor !== undefined) return { kind: 'floor', names: [nameOf(floor)], difference: floor !== same };
		const peers = usable.filter(
			(other) =>
				other.measure === figure.measure &&
				other.subject !== figure.subject &&
				this.isPeer(other) &&
				!this.#renewed.has(other.subject),
		);
		return peers.length > 0 ? { kind: 'peers', names: peers.map(nameOf) } : undefined;
	}

	#beside(figure: Figure): readonly Figure[] {
		return this.#groups.get(groupOf(figure)) ?? [];
	}
}

function groupOf({ bench, group }: Figure): string {
	return `${bench}/${group}`;
}

function measured(run: Run): Map<string, Figure> {
	return new Map(run.figures.filter(({ value }) => value !== undefined).map((figure) => [nameOf(figure), figure]));
}
