import { isMet, type CaseResult, type Row } from '../measure/row.ts';

/** Three digits that count, and thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Such as `≥ 0.90: met`. */
export function verdict({ ratio, target }: Row): string {
  if (target === undefined) return '';
  const met = isMet({ ...(ratio === undefined ? {} : { ratio }), target });
  return `${target.kind === 'at least' ? '≥' : '≤'} ${target.ratio}: ${met === true ? 'met' : 'MISSED'}`;
}

const HEADS = ['', 'measured', 'lowest – highest', 'p99', 'load CPU', 'failed', 'beside', '', 'ratio', 'target'];

const cells = (row: Row): readonly string[] => [
  row.what,
  `${figure(row.value)} ${row.unit}`,
  row.range === undefined ? '' : `${figure(row.range[0])} – ${figure(row.range[1])}`,
  row.p99Ms === undefined ? '' : `${figure(row.p99Ms)} ms`,
  row.loadCpu === undefined ? '' : `${Math.round(row.loadCpu * 100)} %`,
  row.failed === undefined || row.failed === 0 ? '' : String(row.failed),
  row.beside?.what ?? '',
  row.beside === undefined ? '' : figure(row.beside.value),
  row.ratio === undefined ? '' : row.ratio.toFixed(2),
  verdict(row),
];

const NUMBERS = new Set([1, 2, 3, 4, 5, 7, 8]);

/** All figures as text; each case under its name. */
export function table(results: readonly CaseResult[]): string {
  const lines = results.map((result) => ({ title: `${result.name}: ${result.says}`, broken: result.broken, rows: result.rows.map(cells) }));
  const all = [HEADS, ...lines.flatMap(({ rows }) => rows)];
  const used = HEADS.map((_, column) => column).filter((column) => all.slice(1).some((row) => row[column] !== ''));
  const widths = HEADS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const text = (row: readonly string[]): string => used.map((column) => (NUMBERS.has(column) ? (row[column] ?? '').padStart(widths[column] ?? 0) : (row[column] ?? '').padEnd(widths[column] ?? 0))).join('  ').trimEnd();
  return [text(HEADS), ...lines.flatMap(({ title, broken, rows }) => ['', title, ...rows.map(text), ...(broken === undefined ? [] : [`could not be measured: ${broken}`])])].map((line) => `${line}\n`).join('');
}
