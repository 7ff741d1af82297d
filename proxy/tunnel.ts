import type { Upstream, UpstreamUser } from './upstream.ts';
import type { Carrier, Visit } from './visit.ts';

/**
 * Two connections that speak another protocol after a 101 (RFC 9110 §7.8): bytes pass both ways as they come, each half closes
 * by itself, and no deadline cuts silence while both are open; a visitor who vanished is found by TCP's keep-alive.
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
		this.#watchHalf();
		if (!this.#upstream.send('', bytes, start, end, '')) this.#visit.visitor.stopReading();
		return end;
	}

	read(bytes: Buffer, end: number): void {
		this.#visit.bytes += end;
		this.#watchHalf();
		if (!this.#visit.visitor.send('', bytes, 0, end, '')) this.#upstream.socket.pause();
	}

	drained(): void {
		this.#visit.visitor.readBody();
	}

	visitorDrained(): void {
		this.#upstream.socket.resume();
	}

	visitorEnded(): void {
		if (this.#tenantEnded) {
			this.#over();
			return;
		}
		this.#upstream.socket.end();
		this.#watchHalf();
	}

	ended(): void {
		this.#tenantEnded = true;
		if (this.#visit.visitor.ended) {
			this.#over();
			return;
		}
		this.#visit.visitor.socket.end();
		this.#watchHalf();
	}

	lost(): void {
		this.#over();
	}

	instanceDeaf(): void {}

	instanceGone(): void {
		this.#over();
	}

	abandon(): void {
		this.#upstream.destroy();
	}

	connected(): void {}

	/** One half is closed, and nothing came through the other. */
	expired(): void {
		this.#over();
	}

	#watchHalf(): void {
		const { edge, deadline, visitor } = this.#visit;
		if (this.#tenantEnded || visitor.ended) edge.timeouts.halfOpen.arm(deadline, edge.clock.now());
	}

	#over(): void {
		this.#visit.deadline.disarm();
		this.#upstream.destroy();
		this.#visit.now = this.#visit.edge.clock.now();
		this.#visit.proceed();
	}
}

/** After so much silence (ms) TCP asks whether the other end is still there. */
const TCP_KEEP_ALIVE = 60_000;
