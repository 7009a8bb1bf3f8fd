import { median, type Verdict } from './judge.ts';

/** A run of a drill as it is reported: a verdict, or why it could not be carried out. */
export type Outcome =
  | { readonly kind: 'judged'; readonly drill: string; readonly run: number; readonly verdict: Verdict }
  | { readonly kind: 'broken'; readonly drill: string; readonly run: number; readonly reason: string };

/** Whether the run shows that the drill holds. */
export const isPassed = (outcome: Outcome): boolean => outcome.kind === 'judged' && outcome.verdict.complaints.length === 0;

const HEADINGS = ['drill', 'run', 'requests', 'failed', 'on broken edge', 'longest write gap', 'slowest write', 'slowest read', 'lost', 'duplicated', 'wrong reads', 'full health', 'verdict'] as const;

/** The table of all runs, with a line of medians for each drill that ran more than once; a single run as a list. */
export function table(outcomes: readonly Outcome[]): string {
  const drills = Map.groupBy(outcomes, (outcome) => outcome.drill);
  const rows = [...drills.values()].flatMap((runs) => [...runs.map(rowOf), ...medians(runs)]);
  const [only, second] = rows;
  if (only === undefined || second !== undefined) return layout([HEADINGS, ...rows]);
  return layout(HEADINGS.map((heading, index) => [heading, only[index] ?? '']));
}

/** What was done and seen in a run, and what was wrong with it, one sentence a line. */
export function details(outcome: Outcome): string {
  const head = `${outcome.drill}, run ${outcome.run}`;
  if (outcome.kind === 'broken') return `${head}: FAILED\n  ${outcome.reason}\n`;
  const { evidence, complaints, comparedReads } = outcome.verdict;
  const lines = [...evidence, `${comparedReads} reads were compared with the writes acknowledged before them.`, ...complaints.map((text) => `WRONG: ${text}`)];
  return `${head}: ${complaints.length === 0 ? 'passed' : 'FAILED'}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function rowOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === 'broken') return [outcome.drill, String(outcome.run), ...Array.from({ length: 10 }, () => '–'), 'FAILED'];
  const { figures, lost, duplicated, wrongReads, healMs } = outcome.verdict;
  return [
    outcome.drill, String(outcome.run), String(figures.requests), String(figures.failed), String(figures.failedOnVictim),
    duration(figures.longestWriteGapMs), duration(figures.slowestWriteMs), duration(figures.slowestReadMs),
    String(lost), String(duplicated), String(wrongReads), healMs === null ? 'never' : duration(healMs), isPassed(outcome) ? 'passed' : 'FAILED',
  ];
}

function medians(runs: readonly Outcome[]): readonly (readonly string[])[] {
  const verdicts = runs.filter((run) => run.kind === 'judged').map((run) => run.verdict);
  if (verdicts.length < 2) return [];
  const of = (value: (verdict: Verdict) => number): number => median(verdicts.map(value));
  const heals = verdicts.map((verdict) => verdict.healMs).filter((ms) => ms !== null);
  return [[
    runs[0]?.drill ?? '', 'median', String(Math.round(of(({ figures }) => figures.requests))), String(of(({ figures }) => figures.failed)), String(of(({ figures }) => figures.failedOnVictim)),
    duration(of(({ figures }) => figures.longestWriteGapMs)), duration(of(({ figures }) => figures.slowestWriteMs)), duration(of(({ figures }) => figures.slowestReadMs)),
    String(of((verdict) => verdict.lost)), String(of((verdict) => verdict.duplicated)), String(of((verdict) => verdict.wrongReads)),
    heals.length === 0 ? 'never' : duration(median(heals)), `${runs.filter(isPassed).length} of ${runs.length}`,
  ]];
}

/** Milliseconds below a second, else seconds with two decimals. */
const duration = (ms: number): string => (ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** Columns as wide as their widest cell: the first to the left, the others to the right. */
function layout(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}
