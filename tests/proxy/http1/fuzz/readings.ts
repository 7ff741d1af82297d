/** A message as a parser read it; strings are latin1. */
export interface Message {
	/** Method and target, or status. */
	readonly start: string;
	readonly fields: readonly string[];
	readonly body: string;
}

/** What a parser made of a stream of bytes: the messages that it read whole, and how it came out. */
export interface Reading {
	readonly messages: readonly Message[];
	/** `open`: more bytes could have made it whole; `ended`: the connection is to close or to change. Else the fault. */
	readonly end: string;
}
