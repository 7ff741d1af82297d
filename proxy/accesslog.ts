import type { EdgeSettings } from '../launcher/protocol/edge.ts';
import type { Clock } from './clock.ts';
import type { Visit } from './visit.ts';

/** Where lines go; calls `done` when all bytes are written or could not be. They must stay as they are until then. */
export type Sink = (bytes: Buffer, done: () => void) => void;

/** Lines wait so long (ms) for others to be written with them: a write of its own for each turn of the event loop costs 5 µs a request. */
const GATHERING = 20;

/** What gathers while the sink is busy, in bytes; lines that find it full are dropped and counted. */
const ROOM = 1 << 20;

/** So many bytes do not wait for more. */
const ENOUGH = 64 * 1024;

/** The access log: lines are joined by hand, those of some ms are written as one, and nobody ever waits for it. */
export class AccessLog {
	format: EdgeSettings['accessLog'];
	/** Lines lost since the sink is stuck. */
	#dropped = 0;
	readonly #clock: Clock;
	readonly #sink: Sink;
	readonly #report: (line: string) => void;
	readonly #times: WallTimes;
	/** What gathers, up to #filled; the other one is being written. */
	#gathering: Buffer = Buffer.allocUnsafeSlow(ROOM);
	#other: Buffer = Buffer.allocUnsafeSlow(ROOM);
	#filled = 0;
	#writing = false;
	/** Takes the planned write back. */
	#cancel: (() => void) | undefined;
	#flushed: (() => void) | undefined;

	/** `report` is told, once the sink goes on, how many lines were lost. */
	constructor(format: EdgeSettings['accessLog'], clock: Clock, sink: Sink, report: (line: string) => void) {
		this.format = format;
		this.#clock = clock;
		this.#sink = sink;
		this.#report = report;
		this.#times = new WallTimes(clock);
	}

	visited(visit: Visit): void {
		if (this.format === 'off') return;
		const line = this.format === 'json' ? this.#jsonLine(visit) : this.#combinedLine(visit);
		if (this.#filled + line.length > ROOM) {
			this.#dropped++;
			return;
		}
		this.#filled += this.#gathering.write(line, this.#filled, 'latin1');
		if (!this.#writing) this.#plan();
	}

	/** Calls `then` once everything is written. */
	flushed(then: () => void): void {
		if (this.#filled === 0 && !this.#writing) {
			then();
		} else {
			this.#flushed = then;
			this.#write();
		}
	}

	/** The time now as Date has it (RFC 9110 §5.6.7). */
	httpDate(): string {
		return this.#times.httpDate();
	}

	#write(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		if (this.#writing) return;
		const bytes = this.#gathering.subarray(0, this.#filled);
		[this.#gathering, this.#other] = [this.#other, this.#gathering];
		this.#filled = 0;
		this.#writing = true;
		this.#sink(bytes, () => {
			this.#writing = false;
			if (this.#dropped > 0) this.#report(`${this.#dropped} lines of the access log were lost, for nobody read it`);
			this.#dropped = 0;
			if (this.#filled === 0) this.#flushed?.();
			else if (this.#flushed === undefined) this.#plan();
			else this.#write();
		});
	}

	#plan(): void {
		if (this.#filled > ENOUGH) this.#write();
		else this.#cancel ??= this.#clock.after(GATHERING, () => this.#write());
	}

	#jsonLine(visit: Visit): string {
		const { head, tenant, startedAt, identifiedAt, routedAt, activatedAt, connectedAt, answeredAt, now } = visit;
		// A warm request waits for nobody before it is sent: its first stages take no time that could be told.
		const stages =
			connectedAt === startedAt
				? ',"identify":0,"route":0,"activate":0,"connect":0,"answer":'
				: `,"identify":${span(startedAt, identifiedAt)},"route":${span(identifiedAt, routedAt)}` +
					`,"activate":${span(routedAt, activatedAt)},"connect":${span(activatedAt, connectedAt)},"answer":`;
		const where =
			tenant === undefined ? ',"tenant":"","wake":"none"' : `,"tenant":"${tenant.view.name}","wake":"${visit.wake}"`;
		const error = visit.error === undefined ? '"}\n' : `","error":"${visit.error}"}\n`;
		return (
			`{"time":"${this.#times.iso(now - startedAt)}","client":"${visit.client}","method":"${head.method}","host":"` +
			`${head.host}","target":"${escapeJson(head.target)}","status":${visit.status},"bytes":${visit.bytes}` +
			`${where}${stages}${span(connectedAt, answeredAt)},"total":${span(startedAt, now)},"id":"${visit.requestId}${error}`
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

/** The fractions of a ms that a time is told with. */
const FRACTIONS = Array.from({ length: 1000 }, (_, us) => (us === 0 ? '' : `.${String(us).padStart(3, '0')}`));

/** ms from one time to another; 0 where the visit did not come to one of them. */
function span(from: number, to: number): string {
	if (from === 0 || to <= from) return '0';
	const us = Math.round((to - from) * 1000);
	const ms = Math.floor(us / 1000);
	return `${ms}${FRACTIONS[us - ms * 1000]}`;
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
