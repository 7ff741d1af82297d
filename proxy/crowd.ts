/** What a crowd knows of each of its members. */
export interface Member {
	/** Its index in the crowd's array; kept by the crowd alone. */
	place: number;
}

/**
 * Members that come and go all the time. A Set would do, but V8 links every table that a Set outgrows to the next one, and
 * through tables that grew old before they died the dead members live on until a full collection: a third of the CPU time of
 * a connection was spent on that.
 */
export class Crowd<T extends Member> {
	readonly #members: T[] = [];

	get size(): number {
		return this.#members.length;
	}

	add(member: T): void {
		member.place = this.#members.length;
		this.#members.push(member);
	}

	/** Takes a member out; the last one gets its place. */
	remove(member: T): void {
		const last = this.#members.pop();
		if (last === undefined || last === member) return;
		this.#members[member.place] = last;
		last.place = member.place;
	}

	/** Those who are there now; they may leave while each is visited. */
	all(): T[] {
		return [...this.#members];
	}
}
