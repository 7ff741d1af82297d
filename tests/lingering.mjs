/** Milliseconds that a run which is over may still take to end. */
const patience = 10_000;

/** Jest waits for ever for what a test left open (a server, a socket, a timer): this reporter says what it is and fails the run. */
export default class Lingering {
	onRunComplete() {
		const end = () => {
			console.error(
				`The tests are over, but a test left something open: ${process.getActiveResourcesInfo().join(', ')}.`,
			);
			process.exit(1);
		};
		setTimeout(end, patience).unref();
	}
}
