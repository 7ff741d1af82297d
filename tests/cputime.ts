/** CPU time that the work takes in this process, in ms: waiting for a CPU, as beside busy neighbours, is none of it. */
export function cpuTime(work: () => void): number {
	const began = process.cpuUsage();
	work();
	const { user, system } = process.cpuUsage(began);
	return (user + system) / 1000;
}
