import type { Environment } from '../../method/environment.ts';
import { type Markup, markup } from '../markup.ts';

/** Where it was measured, and how to read the page. */
export function environmentSection(environment: Environment): Markup {
	const { cpu, cpus, memoryBytes, kernel, governor, clockSource, loadBefore, user } = environment;
	const { versions, variables, mitigations } = environment;
	const rows: [string, string][] = [
		['CPU', `${cpus} × ${cpu}`],
		['memory', `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`],
		['kernel', `Linux ${kernel}`],
		['frequency governor', governor ?? 'none that the kernel tells of'],
		['clock source', clockSource ?? 'not told'],
		['load in the minute before', loadBefore.toFixed(2)],
		['user', user === 0 ? 'root' : String(user)],
		...Object.entries(versions),
	];
	return markup`<section>
<h2 id="environment">Environment</h2>
${list(rows)}
<h3>Variables that change how programs start</h3>
${Object.keys(variables).length === 0 ? markup`<p>none is set</p>` : list(Object.entries(variables))}
<h3>The CPU’s known faults, and what the kernel does about them</h3>
${Object.keys(mitigations).length === 0 ? markup`<p>none that the kernel tells of</p>` : list(Object.entries(mitigations))}
<h2>How to read it</h2>
<p>A figure is the median of its rounds or wakes, with half the width of its 95 % interval by the bootstrap; bars wear that interval as
whiskers. “/ floor” is how often the cost of the same without anybody in the way it is, round by round in the same run; the dashed line in the
drawings is that floor. Subjects were measured in turns, so compare them within this page. Figures of two pages are compared by
<code>npm run bench -- compare A.json B.json</code>, which looks at such relations alone.</p>
</section>`;
}

function list(rows: readonly (readonly [string, string])[]): Markup {
	return markup`<dl>
${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}
