import { escaped, PICTURE, scaleX, ticks, timeText } from './axis.ts';
import { drawBands, drawEvents, drawFaults } from './bands.ts';
import { drawRates, drawSlowest } from './charts.ts';
import type { Mark } from './sampler.ts';
import type { Scene } from './scene.ts';
import { STYLE } from './style.ts';

const GAP = 14;

/** The report: one HTML file that needs nothing else, no network and no script. */
export const page = (scene: Scene): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(scene.title)}: ${scene.passed ? 'passed' : 'FAILED'}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(scene.title)} <small>${escaped(scene.subtitle)}</small></h1>
<p class="verdict ${scene.passed ? 'good' : 'bad'}">${escaped(scene.verdict)}</p>
${list('complaints', scene.complaints)}
</header>
<figure>${picture(scene)}</figure>
<section><h2>What was done</h2>${marks(scene.faults, scene.zeroMs)}</section>
<section><h2>What the operator said</h2>${marks(scene.events, scene.zeroMs)}</section>
<section><h2>Figures</h2><table class="figures">${scene.figures.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</table></section>
<section><h2>What was seen</h2>${list('sentences', scene.sentences)}</section>
</body>
</html>
`;

/** The time line. */
function picture(scene: Scene): string {
  const x = scaleX(scene.fromMs, scene.toMs);
  const top = 26;
  const bands = drawBands(scene.bands, x, top + GAP);
  const events = drawEvents(scene.events, x, top + GAP + bands.height + 4);
  const ratesTop = top + GAP + bands.height + 4 + events.height + 6;
  const rates = drawRates(scene.series, x, ratesTop);
  const slowest = drawSlowest(scene.series, x, ratesTop + rates.height);
  const bottom = ratesTop + rates.height + slowest.height;
  const stretches = scene.stretches.map(({ fromMs, toMs, text }) =>
    `<g><title>${escaped(text)}</title><rect class="stretch" x="${x(fromMs)}" y="${ratesTop}" width="${Math.max(1, x(toMs) - x(fromMs))}" height="${bottom - ratesTop}"/></g>`);
  const axis = ticks(scene.fromMs, scene.toMs, scene.zeroMs).map((ms) =>
    `<path class="grid" d="M${x(ms)} ${top + GAP}V${bottom}"/><text class="tick" x="${x(ms)}" y="${bottom + 14}">${timeText(ms - scene.zeroMs)}</text>`);
  const faults = drawFaults(scene.faults, x, { top: top - 10, bottom });
  return `<svg viewBox="0 0 ${PICTURE.width} ${bottom + 22}" role="img" aria-label="Time line of ${escaped(scene.title)}">${axis.join('')}${stretches.join('')}${rates.svg}${slowest.svg}${faults}${bands.svg}${events.svg}</svg>`;
}

const marks = (all: readonly Mark[], zeroMs: number): string =>
  all.length === 0 ? '<p>Nothing.</p>' : `<ol class="marks">${all.map(({ atMs, text }) => `<li><b>${timeText(atMs - zeroMs)}</b> ${escaped(text)}</li>`).join('')}</ol>`;

const list = (name: string, sentences: readonly string[]): string =>
  sentences.length === 0 ? '' : `<ul class="${name}">${sentences.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
