import { Crowd, type Member } from '../../proxy/crowd.ts';

test('a crowd holds who came and did not leave, in whatever order they leave', () => {
	const members = Array.from({ length: 100 }, (_, name) => ({ name, place: 0 }));
	for (const step of [1, 3, 7, 99]) {
		const crowd = new Crowd<Member & { name: number }>();
		for (const member of members) crowd.add(member);
		const left = new Set<number>();
		for (let i = 0; i < 60; i++) {
			const name = (i * step) % 100;
			crowd.remove(members[name] as Member & { name: number });
			left.add(name);
		}
		const expected = members.map(({ name }) => name).filter((name) => !left.has(name));
		expect(
			crowd
				.all()
				.map(({ name }) => name)
				.sort((a, b) => a - b),
		).toEqual(expected);
		expect(crowd.size).toBe(expected.length);
	}
});
