import type { EdgeSettings } from '../launcher/protocol/edge.ts';
import type { Clock } from './clock.ts';
import type { Visit } from './visit.ts';

/** Where lines go; calls `done` when the text is written or could not be. */
export type Sink = (text: string, done: () => void) => void;

/** So much (characters) waits for a sink that is stuck; what comes then is dropped and counted. */
const MOST_WAITING = 1 << 20;

/** The access log: lines are joined by hand, those of one turn of the event loop written as one, and nobody ever waits for it. */
export class AccessLog {
	format: EdgeSettings['accessLog'];
	/** Lines lost because the sink was stuck. */
	dropped = 0;
	readonly #sink: Sink;
	readonly #soon: (then: () => void) => void;
	readonly #times: WallTimes;
	#waiting = '';
	#writing = false;
	#planned = false;
	#flushed: (() => void) | undefined;

	/** `soon` calls back at the end of the event loop's turn. */
	constructor(format: EdgeSettings['accessLog'], clock: Clock, sink: Sink, soon: (then: () => void) => void) {
		this.format = format;
		this.#sink = sink;
		this.#soon = soon;
		this.#times = new WallTimes(clock);
	}

	visited(visit: Visit): void {
		if (this.format === 'off' || visit.error === 'idle') return;
		if (this.#waiting.length > MOST_WAITING) {
			this.dropped++;
			return;
		}
		this.#waiting += this.format === 'json' ? this.#jsonLine(visit) : this.#combinedLine(visit);
		if (this.#planned || this.#writing) return;
		this.#planned = true;
		this.#soon(() => {
			this.#planned = false;
			this.#write();
		});
	}

	/** Calls `then` once everything is written. */
	flushed(then: () => void): void {
		if (this.#waiting === '' && !this.#writing) then();
		else this.#flushed = then;
	}

	/** The time now as Date has it (RFC 9110 §5.6.7). */
	httpDate(): string {
		return this.#times.httpDate();
	}

	#write(): void {
		if (this.#writing || this.#waiting === '') return;
		const text = this.#waiting;
		this.#waiting = '';
		this.#writing = true;
		this.#sink(text, () => {
			this.#writing = false;
			if (this.#waiting !== '') this.#write();
			else this.#flushed?.();
		});
	}

	#jsonLine(visit: Visit): string {
		const { head, tenant, startedAt, identifiedAt, routedAt, activatedAt, connectedAt, answeredAt, now } = visit;
		const error = visit.error === undefined ? '' : `,"error":"${visit.error}"`;
		return (
			`{"time":"${this.#times.iso(now - startedAt)}","client":"${escapeJson(visit.client)}","method":"${head.method}"` +
			`,"host":"${escapeJson(head.host)}","target":"${escapeJson(head.target)}","status":${visit.status}` +
			`,"bytes":${visit.bytes},"tenant":"${tenant === undefined ? '' : tenant.view.name}","wake":"${visit.wake}"` +
			`,"identify":${span(startedAt, identifiedAt)},"route":${span(identifiedAt, routedAt)}` +
			`,"activate":${span(routedAt, activatedAt)},"connect":${span(activatedAt, connectedAt)}` +
			`,"answer":${span(connectedAt, answeredAt)},"total":${span(startedAt, now)},"id":"${visit.requestId}"${error}}\n`
		);
	}

	/** The combined format of Apache and nginx. */
	#combinedLine(visit: Visit): string {
		const { head } = visit;
		const request = `${head.method} ${escapeHex(head.target)} HTTP/1.${head.minor}`;
		const referer = escapeHex(field(visit, 'referer') ?? '-');
		const agent = escapeHex(field(visit, 'user-agent') ?? '-');
		const time = this.#times.common(visit.now - visit.startedAt);
		return `${visit.client} - - [${time}] "${request}" ${visit.status} ${visit.bytes} "${referer}" "${agent}"\n`;
	}
}

/** Times of day in the forms that logs and answers have them, made anew once a second. */
class WallTimes {
	readonly #clock: Clock;
	#second = -1;
	#iso = '';
	#http = '';

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	httpDate(): string {
		this.#turn(this.#clock.wall());
		return this.#http;
	}

	/** ISO 8601 with ms, `ago` ms before now. */
	iso(ago: number): string {
		const wall = Math.floor(this.#clock.wall() - ago);
		this.#turn(wall);
		const ms = wall % 1000;
		return `${this.#iso}.${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
	}

	/** As in `10/Oct/2000:13:55:36 +0000`. */
	common(ago: number): string {
		this.#turn(Math.floor(this.#clock.wall() - ago));
		const [, day, month, year, time] = this.#http.split(' ');
		return `${day}/${month}/${year}:${time} +0000`;
	}

	#turn(wall: number): void {
		const second = Math.floor(wall / 1000);
		if (second === this.#second) return;
		this.#second = second;
		const date = new Date(second * 1000);
		this.#iso = date.toISOString().slice(0, 19);
		this.#http = date.toUTCString();
	}
}

/** ms from one time to another, with three digits at most; 0 where the visit did not come to one of them. */
function span(from: number, to: number): number {
	return from === 0 || to <= from ? 0 : Math.round((to - from) * 1000) / 1000;
}

function field(visit: Visit, lower: string): string | undefined {
	const { fields } = visit.head;
	for (let i = 0; i < fields.length; i += 2) {
		if ((fields[i] as string).toLowerCase() === lower) return fields[i + 1];
	}
	return undefined;
}

const NOT_PLAIN = /[^ !#-[\]-~]/;
const EACH_NOT_PLAIN = /[^ !#-[\]-~]/g;

/** Text of one byte a character, made safe inside the quotes of a JSON string. */
export function escapeJson(text: string): string {
	if (!NOT_PLAIN.test(text)) return text;
	return text.replace(EACH_NOT_PLAIN, (character) => {
		if (character === '"' || character === '\\') return `\\${character}`;
		return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
	});
}

/** The same for the combined format, as nginx does it: `\xHH`. */
export function escapeHex(text: string): string {
	if (!NOT_PLAIN.test(text)) return text;
	return text.replace(EACH_NOT_PLAIN, (character) => {
		return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
	});
}
