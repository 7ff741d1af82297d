import { type Markup, markup } from '../markup.ts';
import type { Run } from '../run.ts';

/** What was run, when, where, how far it can be believed, and the way to each bench. */
export function head({ quick, environment, noise, broken }: Run, benches: readonly string[]): Markup {
	const { at, commit, kernel, cpu, cpus } = environment;
	return markup`<header>
<h1>Innkeeper bench</h1>
<p>Commit ${commit}, <time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>, on ${cpus} × ${cpu}, Linux ${kernel}</p>
${quick ? markup`<p><span class="bad">Quick run:</span> a tenth of the work, so the intervals are wide.</p>` : undefined}
${noiseWords(noise)}
${broken.map(({ bench, reason }) => markup`<p><span class="bad">${bench} could not be run:</span> ${reason}</p>\n`)}
<nav aria-label="Benches">${benches.map((bench) => markup`<a href="#bench-${bench}">${bench}</a> `)}<a href="#environment">environment</a></nav>
</header>`;
}

function noiseWords(noise: Run['noise']): Markup {
	const noisy = noise.filter((one) => one.noisy).map(({ bench }) => bench);
	if (noise.length === 0) return markup`<p class="soft">How noisy the machine was is not known.</p>`;
	if (noisy.length === 0)
		return markup`<p><span class="good">Quiet machine:</span> nobody else used it to speak of.</p>`;
	return markup`<p><span class="bad">Noisy machine</span> during ${noisy.join(', ')}: others were at work, so judge by ratios and intervals.</p>`;
}
