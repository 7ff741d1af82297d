import type { Announcement, StopCause } from './announcement.ts';
import { knockerText } from './explanation.ts';
import type { ReapCause } from './reaper.ts';

/** How long names may be before they push the columns apart. */
const NAME_WIDTH = 16;

/** One line for people: what, who, and the story. `wake   hello  in 48 ms for 127.0.0.1 (GET hello.test/)`. */
export function announcementLine(announcement: Announcement): string {
	const [verb, story] = words(announcement);
	return eventLine(verb, announcement.tenant.name, story);
}

/** The columns of a line: what happened, to whom, and the story. */
export function eventLine(verb: string, name: string, story: string): string {
	return `${verb.padEnd(7)} ${name.padEnd(NAME_WIDTH)} ${story}`;
}

function words(announcement: Announcement): [verb: string, story: string] {
	switch (announcement.type) {
		case 'woken':
			return ['wake', `in ${duration(announcement.ms)} for ${knockerText(announcement.by)}`];
		case 'adopted':
			return ['adopt', 'it was running before the launcher was'];
		case 'reaped':
			return ['reap', `${reapWords[announcement.cause]}, idle for ${duration(announcement.after)}`];
		case 'stopped':
			return ['stop', stopWords[announcement.cause]];
		case 'failed':
			return ['fail', `${announcement.text}${retry(announcement.retryIn)}`];
		case 'unexpected':
			return ['error', `${announcement.event} cannot come in state ${announcement.state}; please report this`];
		default:
			return announcement satisfies never;
	}
}

const reapWords: Readonly<Record<ReapCause, string>> = {
	idle: 'nobody uses it',
	room: 'its place is needed',
};

const stopWords: Readonly<Record<StopCause, string>> = {
	idle: 'it was idle',
	room: 'it made room',
	operator: 'an operator wanted it',
	file: 'its file wanted it',
	closing: 'the house closes',
	restart: 'another one has taken its place',
	itself: 'by itself',
	deaf: 'it had closed the socket that it listened on',
};

function retry(ms: number | undefined): string {
	if (ms === undefined) return '; the one before it goes on';
	return ms === 0 ? '' : `; it may start again in ${duration(ms)}`;
}

/** Three significant places are enough for people: `0.8 ms`, `48 ms`, `2.1 s`, `5 min`. */
function duration(ms: number): string {
	if (ms < 10) return `${ms.toFixed(1)} ms`;
	if (ms < 1000) return `${Math.round(ms)} ms`;
	if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
	return `${Math.round(ms / 60_000)} min`;
}
