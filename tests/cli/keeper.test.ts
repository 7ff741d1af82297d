import { keeperArguments } from '../../cli/keeper.ts';

const config = { run: '/run/innkeeper', control: '/run/innkeeper/control.sock' };
const launcher = { arguments: ['/node', '/main.ts'], environment: { INNKEEPER_TAG: 'cgroup', HOME: '/a = b' } };

test('as root the keeper is told of cgroup, hall and the edges’ user', () => {
	const rights = {
		root: true,
		tag: 'cgroup',
		cgroup: '/sys/fs/cgroup/innkeeper-1',
		hall: true,
		line: 'running as root',
	} as const;
	expect(keeperArguments(config, rights, { uid: 7, gid: 8 }, launcher)).toEqual([
		'run=/run/innkeeper',
		'control=/run/innkeeper/control.sock',
		'tag=cgroup',
		'hall=1',
		'greeting=running as root',
		'cgroup=/sys/fs/cgroup/innkeeper-1',
		'edge-uid=7',
		'edge-gid=8',
		'launcher=/node',
		'launcher=/main.ts',
		'launcher-env=INNKEEPER_TAG=cgroup',
		'launcher-env=HOME=/a = b',
	]);
});

test('an ordinary user has neither', () => {
	const rights = { root: false, tag: 'tree', cgroup: undefined, hall: false, line: '' } as const;
	const keys = keeperArguments(config, rights, undefined, launcher).map((argument) => argument.split('=')[0]);
	expect(keys).toEqual([
		'run',
		'control',
		'tag',
		'hall',
		'greeting',
		'launcher',
		'launcher',
		'launcher-env',
		'launcher-env',
	]);
});
