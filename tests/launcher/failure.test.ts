import { failureText } from '../../launcher/failure.ts';
import { made } from '../tenants/made.ts';

const web = made(101, { hosts: ['a.test'], start: { timeout: '30s' } });
const ended = {
	tenant: web,
	failure: 'exit',
	exit: 'exit:1',
	ready: undefined,
	elsewhere: { listens: undefined, privileged: undefined },
} as const;

test.each([
	[{ exit: 'exit:3', ready: 1 }, 'ended with status 3'],
	[{ exit: 'signal:11' }, 'was ended by SIGSEGV before it was ready'],
	[{ failure: 'launch', exit: 'there is no such program' }, 'could not be launched: there is no such program'],
	[{ failure: 'timeout', exit: 'signal:9' }, 'was not ready within 30s: it does not listen on 8080, its PORT'],
	[
		{ failure: 'timeout', exit: 'signal:9', elsewhere: { listens: 9091, privileged: undefined } },
		'was not ready within 30s: it listens on 9091, not on 8080: let it listen on its PORT, or say `port: 9091` in its file',
	],
	[
		{ failure: 'timeout', exit: undefined, tenant: made(102, { readiness: 'notify' }) },
		'was not ready within 30s: it never sent READY=1 to its NOTIFY_SOCKET',
	],
	[
		{ exit: 'exit:1', elsewhere: { listens: undefined, privileged: 80 } },
		'ended with status 1 before it was ready; it wanted port 80, which needs root: let it bind its PORT (8080), or say `port: 80` in its file: it is then given that one',
	],
] as const)('%j: it %s', (changes, text) => {
	expect(failureText({ ...ended, ...changes })).toBe(text);
});
