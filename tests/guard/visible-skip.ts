/** A test that can only be made where nothing is missing; elsewhere it is skipped, and the reason printed. */
export function testUnless(missing: string | undefined, title: string, body: () => Promise<void>): void {
	if (missing === undefined) {
		test(title, body);
		return;
	}
	console.log(`${title}: skipped, ${missing}`);
	test.skip(`${title} (${missing})`, () => undefined);
}
