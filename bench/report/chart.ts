import { isMet, type CaseResult, type Row } from '../measure/row.ts';
import { figure } from './table.ts';

const LINE = 22;
const LEFT = 430;
const BAR = 420;
const WIDTH = 1120;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Of a bar, where 1 is the limit's; what goes beyond twice the limit ends there. */
export const barWidth = (ratio: number): number => Math.round(Math.min(Math.max(ratio, 0), 2) * (BAR / 2));

const colour = (row: Row): string => {
  const met = isMet(row);
  return met === undefined ? '#6b7f99' : met ? '#3a8f5c' : '#c2502f';
};

function drawn(row: Row & { readonly ratio: number }, y: number): string {
  const mark = row.target === undefined ? '' : `<line x1="${LEFT + barWidth(row.target.ratio)}" x2="${LEFT + barWidth(row.target.ratio)}" y1="${y - 14}" y2="${y + 4}" stroke="#222" stroke-width="2"/>`;
  return `<text x="${LEFT - 8}" y="${y}" text-anchor="end">${escaped(row.what)}</text>
<rect x="${LEFT}" y="${y - 12}" width="${barWidth(row.ratio)}" height="14" fill="${colour(row)}"/>${mark}
<text x="${LEFT + BAR + 8}" y="${y}">${row.ratio.toFixed(2)}   ${figure(row.value)} ${escaped(row.unit)}</text>`;
}

/** The ratios as bars beside their limits, as SVG; a line across a bar is its target. Figures without a limit are in the table only. */
export function chart(results: readonly CaseResult[], title: string): string {
  const parts: string[] = [];
  let y = 60;
  for (const { name, rows } of results) {
    const compared = rows.filter((row): row is Row & { readonly ratio: number } => row.ratio !== undefined);
    if (compared.length === 0) continue;
    parts.push(`<text x="12" y="${y}" font-weight="bold">${escaped(name)}</text>`);
    y += LINE;
    for (const row of compared) {
      parts.push(drawn(row, y));
      y += LINE;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 20}" viewBox="0 0 ${WIDTH} ${y + 20}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="24" font-size="16">${escaped(title)}</text>
<text x="12" y="42" fill="#555">Each bar is a ratio to its limit, measured in the same minutes; 1.00 is the thin line.</text>
<line x1="${LEFT + BAR / 2}" x2="${LEFT + BAR / 2}" y1="48" y2="${y}" stroke="#999" stroke-dasharray="3 3"/>
${parts.join('\n')}
</svg>
`;
}
