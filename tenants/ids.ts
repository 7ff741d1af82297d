/** A VPS id: 1 … 2^24−1; 1–99 are Innkeeper's own, tenants have 100 or more (DESIGN, vocabulary). */
export type VpsId = number & { readonly brand: 'VpsId' };

export const FIRST_TENANT_ID = 100;
export const LAST_VPS_ID: number = 2 ** 24 - 1;

/** True for a whole number that a VPS may have as its id. */
export function isVpsId(value: unknown): value is VpsId {
	return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LAST_VPS_ID;
}

/** The id as a branded number. Throws RangeError where it is none. */
export function vpsId(value: number): VpsId {
	if (!isVpsId(value)) throw new RangeError(`a VPS id is a whole number from 1 to ${LAST_VPS_ID}, not ${value}`);
	return value;
}

/**
 * Where the edge reaches a VPS: the id's 24 bits behind 127, so that each has an address of its own and all may use one port.
 * `block`: 16 bits that are mixed into the upper ones, by which houses that share a loopback keep apart; 0 in a hall of its own.
 */
export function hallAddress(id: VpsId, block: number): string {
	const mixed = id ^ (block << 8);
	return `127.${mixed >> 16}.${(mixed >> 8) & 255}.${mixed & 255}`;
}

/** The first user id of the range that tenants get when the server is root. */
export const FIRST_USER_ID = 0x7000_0000;

/** The user id of a VPS of its own, when the server is root. */
export function vpsUser(id: VpsId): number {
	return FIRST_USER_ID + id;
}
