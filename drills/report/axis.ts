/** Where things stand in the picture, in its own units. */
export const PICTURE = { width: 1120, left: 150, right: 1100 } as const;

/** From the drill's clock to the picture. */
export type ToX = (ms: number) => number;

/** The picture's horizontal scale; what is outside of the time is put to its edge. */
export const scaleX = (fromMs: number, toMs: number): ToX => (ms) => {
  const share = (Math.min(Math.max(ms, fromMs), toMs) - fromMs) / Math.max(1, toMs - fromMs);
  return rounded(PICTURE.left + share * (PICTURE.right - PICTURE.left));
};

export const rounded = (value: number): number => Math.round(value * 10) / 10;

const STEPS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000] as const;
const MOST_TICKS = 14;

/** Where the axis is labelled: round times before and after its zero. */
export function ticks(fromMs: number, toMs: number, zeroMs: number): readonly number[] {
  const step = STEPS.find((one) => (toMs - fromMs) / one <= MOST_TICKS) ?? 3_600_000;
  const first = Math.ceil((fromMs - zeroMs) / step);
  const last = Math.floor((toMs - zeroMs) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => zeroMs + (first + index) * step);
}

/** `−0.5 s`, `12 s`, `3:20 min`. */
export function timeText(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 120) return `${sign}${Number(seconds.toFixed(1))} s`;
  return `${sign}${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')} min`;
}

/** `12 ms`, `1.25 s`. */
export const durationText = (ms: number): string => (ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML and SVG, in elements and in attributes. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
