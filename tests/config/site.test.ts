import { siteFolders } from '../../config/site.ts';
import { site } from './site.ts';

test('the server of root keeps its things where the system does', () => {
	expect(siteFolders({ ...site, uid: 0, stateHome: '/s', runtimeDir: '/r' })).toEqual({
		state: '/var/lib/innkeeper',
		run: '/run/innkeeper',
	});
});

test('the server of an ordinary user keeps them where XDG says', () => {
	const ordinary = { ...site, uid: 1000 };
	expect(siteFolders({ ...ordinary, stateHome: '/s', runtimeDir: '/run/user/1000' })).toEqual({
		state: '/s/innkeeper',
		run: '/run/user/1000/innkeeper',
	});
	expect(siteFolders({ ...ordinary, home: '/home/a' })).toEqual({
		state: '/home/a/.local/state/innkeeper',
		run: '/home/a/.local/state/innkeeper/run',
	});
});

test('a relative path in an XDG variable counts as none', () => {
	expect(siteFolders({ ...site, uid: 1000, home: '/home/a', stateHome: 's', runtimeDir: '' })).toEqual({
		state: '/home/a/.local/state/innkeeper',
		run: '/home/a/.local/state/innkeeper/run',
	});
});
