import { durationText, PICTURE, rounded, type ToX } from './axis.ts';
import type { Drawn } from './bands.ts';
import type { Series, Slice } from './series.ts';

const HEIGHT = 110;
const CAPTION = 22;

/** Writes and reads per second, one on the other, and failed ones in front. */
export function drawRates({ slices, sliceMs }: Series, x: ToX, top: number): Drawn {
  const perSecond = (count: number): number => (count * 1000) / sliceMs;
  const most = Math.max(10, ...slices.map((slice) => perSecond(slice.reads + slice.writes)));
  const base = top + CAPTION + HEIGHT;
  const y = (count: number): number => rounded(base - (perSecond(count) / most) * HEIGHT);
  const failed = slices.filter((slice) => slice.failed > 0).map((slice) => {
    const width = rounded(Math.max(2, x(slice.fromMs + sliceMs) - x(slice.fromMs)));
    return `<g><title>${slice.failed} failed</title><rect class="failed" x="${x(slice.fromMs)}" y="${Math.min(y(slice.failed), base - 6)}" width="${width}" height="${base - Math.min(y(slice.failed), base - 6)}"/></g>`;
  });
  const svg = [
    caption('requests per second', 'writes below, reads on top; failed in red', top), grid(base, [[most, base - HEIGHT], [most / 2, base - HEIGHT / 2]], (value) => String(Math.round(value))),
    area('reads', slices, x, { y: (slice) => y(slice.reads + slice.writes), base, sliceMs }), area('writes', slices, x, { y: (slice) => y(slice.writes), base, sliceMs }), ...failed,
  ];
  return { svg: svg.join(''), height: CAPTION + HEIGHT + 12 };
}

/** The slowest answers, on a logarithmic scale. */
export function drawSlowest({ slices, sliceMs }: Series, x: ToX, top: number): Drawn {
  const base = top + CAPTION + HEIGHT;
  const decades = [1, 10, 100, 1000, 10_000];
  const y = (ms: number): number => rounded(base - (Math.log10(Math.min(Math.max(ms, 1), 30_000)) / Math.log10(30_000)) * HEIGHT);
  const line = (name: string, of: (slice: Slice) => number | null): string => {
    const dots = slices.map((slice) => ({ slice, ms: of(slice) })).filter((one): one is { slice: Slice; ms: number } => one.ms !== null);
    return dots.map(({ slice, ms }) => `<circle class="dot ${name}" cx="${rounded(x(slice.fromMs + sliceMs / 2))}" cy="${y(ms)}" r="2.2"><title>${name}: ${durationText(ms)}</title></circle>`).join('');
  };
  const svg = [
    caption('slowest answer', 'one dot per slice: writes and reads', top), grid(base, decades.map((ms) => [ms, y(ms)]), durationText),
    line('reads', (slice) => slice.slowestReadMs), line('writes', (slice) => slice.slowestWriteMs),
  ];
  return { svg: svg.join(''), height: CAPTION + HEIGHT + 12 };
}

const caption = (text: string, more: string, top: number): string => `<text class="caption" x="${PICTURE.left}" y="${top + 14}">${text} <tspan class="more">${more}</tspan></text>`;

const grid = (base: number, lines: readonly (readonly [number, number])[], label: (value: number) => string): string =>
  [[0, base] as const, ...lines].map(([value, y], index) =>
    `<path class="grid" d="M${PICTURE.left} ${y}H${PICTURE.right}"/>${index === 0 ? '' : `<text class="name" x="${PICTURE.left - 8}" y="${y + 4}">${label(value)}</text>`}`).join('');

/** Where the upper edge of an area is. */
interface Edge {
  readonly y: (slice: Slice) => number;
  readonly base: number;
  readonly sliceMs: number;
}

function area(name: string, slices: readonly Slice[], x: ToX, { y, base, sliceMs }: Edge): string {
  const [first] = slices;
  if (first === undefined) return '';
  const steps = slices.map((slice) => `V${y(slice)}H${x(slice.fromMs + sliceMs)}`).join('');
  return `<path class="area ${name}" d="M${x(first.fromMs)} ${base}${steps}V${base}Z"/>`;
}
