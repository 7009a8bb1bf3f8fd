import type { MemberView, OperatorView, ProcessView } from '../stack/status.ts';
import { errantCount } from './members.ts';

/** How a piece of text stands out where that is possible. */
export type Paint = (text: string, style: 'dim' | 'bold' | 'good' | 'bad') => string;

/** For files and pipes. */
export const plain: Paint = (text) => text;

const SGR = { dim: 2, bold: 1, good: 32, bad: 31 } as const;

/** For terminals. */
export const coloured: Paint = (text, style) => `\u001B[${SGR[style]}m${text}\u001B[0m`;

const HEADINGS = ['NAME', 'ROLE', 'STATE', 'PID', 'PORT', 'LAG', 'MISSING', 'ERRANT', 'RESTARTS'] as const;
const NOTHING = '-';
const GAP = 2;
/** From outside to inside, as a request travels. */
const SHOWN_ORDER = ['nginx', 'web', 'redis', 'sentinel', 'mysql', 'operator'] as const;

const shown = (value: string | number | null | undefined): string => (value === null || value === undefined ? NOTHING : String(value));

function cells({ name, role, state, pid, port, lagSeconds, restarts, health }: ProcessView, member: MemberView | undefined): readonly string[] {
  const lag = lagSeconds === null ? undefined : `${lagSeconds.toFixed(1)} s`;
  const differences = member === undefined || pid === null || member.role === 'unreachable' ? [undefined, undefined] : [member.missingCount, errantCount(member)];
  return [name, role, health === 'silent' ? 'silent' : state, pid, port, lag, ...differences, restarts].map(shown);
}

/** How many of the first columns fit. */
function fitting(widths: readonly number[], columns: number): number {
  let used = -GAP;
  const beyond = widths.findIndex((width) => (used += width + GAP) > columns);
  return beyond < 0 ? widths.length : beyond;
}

/**
 * A line per process, below its headings.
 * @param columns the last columns are left out when there is no room for them
 */
export function processLines(processes: readonly ProcessView[], operator: OperatorView | null, { columns, paint }: { readonly columns: number; readonly paint: Paint }): readonly string[] {
  const ordered = SHOWN_ORDER.flatMap((kind) => processes.filter((process) => process.kind === kind));
  const rows = ordered.map((process) => cells(process, operator?.members.find(({ name }) => name === process.name)));
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const count = fitting(widths, columns);
  const line = (row: readonly string[]): string => row.slice(0, count).map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' '.repeat(GAP)).trimEnd();
  const stands = ordered.map(({ state, health }) => state === 'running' && health !== 'silent');
  return [paint(line(HEADINGS), 'dim'), ...rows.map((row, index) => (stands[index] === true ? line(row) : paint(line(row), 'bad')))];
}
