/** Digits as far as a number can hold them; what is none is left to the tenant. */
const COUNT = /^[0-9]{1,15}$/;

/**
 * Counts Max-Forwards of an OPTIONS or TRACE down by one in `fields` (names and values); true where it says that the request
 * ends here (RFC 9110 §7.6.2). Other methods do not have it.
 */
export function endsHere(method: string, fields: string[]): boolean {
	if (method !== 'OPTIONS' && method !== 'TRACE') return false;
	let ends = false;
	for (let i = 0; i < fields.length; i += 2) {
		const value = fields[i + 1] as string;
		if ((fields[i] as string).toLowerCase() !== 'max-forwards' || !COUNT.test(value)) continue;
		const hops = Number(value);
		if (hops === 0) ends = true;
		else fields[i + 1] = String(hops - 1);
	}
	return ends;
}
