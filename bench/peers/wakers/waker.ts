import type { ColdServer } from '../../cold/server.ts';
import type { Tool } from '../tool.ts';

/** Something that starts a sleeping server when a visitor comes: Innkeeper, or one that it is compared with. */
export interface WakerKind {
	/** `xinetd`; the subject of its figures. */
	readonly name: string;
	/** What it is made of. */
	readonly tools: readonly Tool[];
	/** True where it can wake this server, or has one of its own that is its like. */
	serves(server: ColdServer): boolean;
	/** Starts it with the server asleep behind it; its files come below the folder. Rejects with its own words. */
	start(server: ColdServer, folder: string): Promise<Waker>;
}

/** One of them, at work. */
export interface Waker {
	/** On 127.0.0.1. */
	readonly port: number;
	/** For the Host field. */
	readonly host: string;
	/** What a reader of its figures has to know: how it is put to rest again, or what it starts instead of the server. */
	readonly note?: string;
	/** Called behind each visit: puts the server to rest, where it does not do so by itself after some time. */
	rest(): Promise<void>;
	/** True where nobody runs but the waker itself. */
	isAsleep(): boolean;
	/** Ends it and all that it started. */
	end(): Promise<void>;
}
