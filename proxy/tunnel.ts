import type { Upstream, UpstreamUser } from './upstream.ts';
import type { Carrier, Visit } from './visit.ts';

/**
 * Two connections that speak another protocol after a 101 (RFC 9110 §7.8): bytes pass both ways as they come, each half closes
 * by itself, and no deadline cuts silence. Half-open ones are found by TCP's keep-alive.
 */
export class Tunnel implements Carrier, UpstreamUser {
	readonly wanting = true;
	readonly #visit: Visit;
	readonly #upstream: Upstream;
	#tenantEnded = false;

	constructor(visit: Visit, upstream: Upstream) {
		this.#visit = visit;
		this.#upstream = upstream;
		upstream.user = this;
	}

	/** `rest`: what the tenant sent right behind its 101. */
	begin(rest: Buffer): void {
		const { visitor } = this.#visit;
		visitor.streams(true);
		this.#upstream.socket.setKeepAlive(true, TCP_KEEP_ALIVE);
		if (rest.length > 0) this.read(rest, rest.length);
		visitor.readBody();
		if (visitor.ended) this.visitorEnded();
	}

	take(bytes: Buffer, start: number, end: number): number {
		if (!this.#upstream.socket.write(bytes.subarray(start, end))) this.#visit.visitor.stopReading();
		return end;
	}

	read(bytes: Buffer, end: number): void {
		this.#visit.bytes += end;
		if (!this.#visit.visitor.send('', bytes, 0, end, '')) this.#upstream.socket.pause();
	}

	drained(): void {
		this.#visit.visitor.readBody();
	}

	visitorDrained(): void {
		this.#upstream.socket.resume();
	}

	visitorEnded(): void {
		if (this.#tenantEnded) this.#over();
		else this.#upstream.socket.end();
	}

	ended(): void {
		this.#tenantEnded = true;
		if (this.#visit.visitor.ended) this.#over();
		else this.#visit.visitor.socket.end();
	}

	lost(): void {
		this.#over();
	}

	instanceGone(): void {
		this.#over();
	}

	abandon(): void {
		this.#upstream.destroy();
	}

	connected(): void {}

	expired(): void {}

	#over(): void {
		this.#upstream.destroy();
		this.#visit.now = this.#visit.edge.clock.now();
		this.#visit.proceed();
	}
}

/** After so much silence (ms) TCP asks whether the other end is still there. */
const TCP_KEEP_ALIVE = 60_000;
