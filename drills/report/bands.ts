import { durationText, escaped, PICTURE, rounded, type ToX } from './axis.ts';
import type { Band, Mark } from './sampler.ts';

const ROW = 20;
const BAR = 14;
const MOST_PARTS = 16;

/** A part of the picture and how high it is. */
export interface Drawn {
  readonly svg: string;
  readonly height: number;
}

/** Members, and of the other parts those that were not well all the time. */
export const shownBands = (bands: readonly Band[]): readonly Band[] => [
  ...bands.filter(({ kind }) => kind === 'member'),
  ...bands.filter(({ kind, spans }) => kind === 'part' && spans.some(({ state }) => state !== 'running')).slice(0, MOST_PARTS),
];

/** One line for each band: who was what, and when. */
export function drawBands(bands: readonly Band[], x: ToX, top: number): Drawn {
  const lines = shownBands(bands).map((band, index) => drawBand(band, x, top + index * ROW));
  return { svg: lines.join(''), height: lines.length * ROW };
}

function drawBand({ name, spans }: Band, x: ToX, top: number): string {
  const bars = spans.map(({ fromMs, toMs, state }) => {
    const width = Math.max(1.5, rounded(x(toMs) - x(fromMs)));
    const label = width > state.length * 6 + 8 ? `<text class="on" x="${x(fromMs) + 5}" y="${top + 11}">${escaped(state)}</text>` : '';
    return `<g><title>${escaped(`${name}: ${state} for ${durationText(toMs - fromMs)}`)}</title><rect class="band ${classOf(state)}" x="${x(fromMs)}" y="${top}" width="${width}" height="${BAR}" rx="2"/>${label}</g>`;
  });
  return `<text class="name" x="${PICTURE.left - 8}" y="${top + 11}">${escaped(name)}</text>${bars.join('')}`;
}

const CLASSES: Readonly<Record<string, string>> = {
  primary: 'primary', replica: 'replica', running: 'running', fenced: 'fenced', closed: 'closed', rejoining: 'closed', reseeding: 'reseeding', starting: 'starting',
};

/** Everything that is not known here is bad news. */
const classOf = (state: string): string => CLASSES[state] ?? 'away';

/** A tick for each thing that the operator said. */
export function drawEvents(events: readonly Mark[], x: ToX, top: number): Drawn {
  const ticks = events.map(({ atMs, text }) => `<g><title>${escaped(text)}</title><path class="event" d="M${x(atMs)} ${top}v${BAR}"/><circle class="event" cx="${x(atMs)}" cy="${top + BAR / 2}" r="3"/></g>`);
  return { svg: `<text class="name" x="${PICTURE.left - 8}" y="${top + 11}">operator says</text>${ticks.join('')}`, height: ROW };
}

/** A numbered flag for each thing that was done to the stack, with a line through everything below it. */
export function drawFaults(faults: readonly Mark[], x: ToX, { top, bottom }: { readonly top: number; readonly bottom: number }): string {
  const flags = faults.map(({ atMs, text }, index) => {
    const at = x(atMs);
    return `<g><title>${escaped(text)}</title><path class="fault" d="M${at} ${top + 9}V${bottom}"/><circle class="flag" cx="${at}" cy="${top}" r="8"/><text class="number" x="${at}" y="${top + 3.5}">${index + 1}</text></g>`;
  });
  return `<text class="name" x="${PICTURE.left - 8}" y="${top + 4}">fault</text>${flags.join('')}`;
}
