import type { ProcessView, StackStatus } from '../stack/status.ts';

/** How a piece of text stands out where that is possible. */
export type Paint = (text: string, style: 'dim' | 'bold' | 'good' | 'bad') => string;

/** For files and pipes. */
export const plain: Paint = (text) => text;

const SGR = { dim: 2, bold: 1, good: 32, bad: 31 } as const;

/** For terminals. */
export const coloured: Paint = (text, style) => `\u001B[${SGR[style]}m${text}\u001B[0m`;

const HEADINGS = ['NAME', 'ROLE', 'STATE', 'PID', 'PORT', 'LAG', 'RESTARTS'] as const;
const NOTHING = '-';
/** From outside to inside, as a request travels. */
const SHOWN_ORDER = ['nginx', 'web', 'redis', 'sentinel', 'mysql', 'operator'] as const;

function cells(process: ProcessView): readonly string[] {
  const { name, role, state, pid, port, lagSeconds, restarts, health } = process;
  const lag = lagSeconds === null ? NOTHING : `${lagSeconds.toFixed(1)} s`;
  return [name, role ?? NOTHING, health === 'silent' ? 'silent' : state, pid === null ? NOTHING : String(pid), String(port), lag, String(restarts)];
}

function processLines(processes: readonly ProcessView[], paint: Paint): readonly string[] {
  const ordered = SHOWN_ORDER.flatMap((kind) => processes.filter((process) => process.kind === kind));
  const rows = ordered.map(cells);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  const stands = ordered.map(({ state, health }) => state === 'running' && health !== 'silent');
  return [paint(line(HEADINGS), 'dim'), ...rows.map((row, index) => (stands[index] === true ? line(row) : paint(line(row), 'bad')))];
}

/** A time of day of this machine. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** One event on one line. */
export const eventLine = ({ at, text }: { readonly at: string; readonly text: string }): string => `${timeOfDay(at)}  ${text}`;

/** A length of time for people. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function operatorLine({ operator }: StackStatus): string {
  if (operator === null) return 'the operator does not answer';
  const { epoch, primary, situation, decision, paused } = operator;
  const reason = decision?.reason ?? situation;
  const state = primary === null ? `no primary${reason === undefined ? '' : `: ${reason}`}` : `primary ${primary}`;
  return [...(epoch === null ? [] : [`epoch ${epoch}`]), state, ...(paused ? ['operator paused'] : [])].join(', ');
}

/** What {@link statusLines} shows besides the status itself. */
export interface Shown {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Last events shown, at most. */
  readonly events: number;
  readonly paint: Paint;
}

/** The status of a stack for people: where it is, a line per process, the last events. */
export function statusLines(status: StackStatus, { now, events, paint }: Shown): readonly string[] {
  const { url, processes, startedAt, stopping, readySeconds } = status;
  const up = duration(now - Date.parse(startedAt));
  const state = stopping ? paint('stopping', 'bad') : readySeconds === null ? paint('starting', 'bold') : paint(`up ${up}`, 'good');
  const last = events > 0 ? status.events.slice(-events) : [];
  return [
    `${paint(`${url}/api/property`, 'bold')}  ${state}  ${operatorLine(status)}`,
    '',
    ...processLines(processes, paint),
    ...(last.length === 0 ? [] : ['', ...last.map((event) => paint(eventLine(event), 'dim'))]),
  ];
}
