import type { EventView, OperatorView, StackStatus } from '../stack/status.ts';
import { memberNotes } from './members.ts';
import { processLines } from './table.ts';
import type { Paint } from './table.ts';
import { duration, timeOfDay, took, wrapped } from './text.ts';

/** What {@link statusLines} shows besides the status itself. */
export interface Shown {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly paint: Paint;
  /** Columns of a line; Infinity: lines are not broken. */
  readonly columns: number;
  /** Lines altogether; Infinity: everything is shown, else what a person should look at. */
  readonly rows: number;
  /** Last events, at most. */
  readonly events: number;
}

const GAP = 2;
const TIME_COLUMNS = '00:00:00  '.length;
/** On a screen, a reason may take so many lines. */
const REASON_ROWS = 2;

/** One event on one line. */
export function eventLine({ at, text, durationMs }: EventView): string {
  const long = durationMs === undefined || /\d m?s$/.test(text) ? '' : `, ${took(durationMs)}`;
  return `${timeOfDay(at)}  ${text}${long}`;
}

function headLine(status: StackStatus, { now, paint }: Shown): string {
  const { url, startedAt, stopping, readySeconds } = status;
  const up = duration(now - Date.parse(startedAt));
  const state = stopping ? paint('stopping', 'bad') : readySeconds === null ? paint('starting', 'bold') : paint(`up ${up}`, 'good');
  return `${paint(`${url}/api/property`, 'bold')}  ${state}  ${clusterState(status)}`;
}

function clusterState({ operator }: StackStatus): string {
  if (operator === null) return 'the operator does not answer';
  const { epoch, primary } = operator;
  return [...(epoch === null ? [] : [`epoch ${epoch}`]), primary === null ? 'no primary' : `primary ${primary}`].join(', ');
}

/** What the operator has decided, and why. */
function decisionLines({ operator }: StackStatus, { paint, columns, rows }: Shown): readonly string[] {
  const decision = operator?.decision;
  if (operator === null || decision === null || decision === undefined) return [];
  const { situation = operator.situation, kind, reason = '', remedy, at } = decision;
  const what = [...(operator.paused ? ['operator paused'] : []), situation, ...(kind === 'refuse' ? ['refused'] : kind === 'wait' ? ['waiting'] : [])].join(', ');
  const since = at === undefined ? '' : ` since ${timeOfDay(at)}`;
  const whole = wrapped(`${what}${since}: ${reason}${remedy === undefined ? '' : `. ${remedy}`}`, columns, GAP);
  const lines = rows === Infinity ? whole : whole.slice(0, REASON_ROWS);
  return kind === 'refuse' || operator.primary === null ? lines.map((line) => paint(line, 'bad')) : lines;
}

function noteLines(operator: OperatorView | null, columns: number, which: 'all' | 'unusual'): readonly string[] {
  const notes = operator === null ? [] : memberNotes(operator, which);
  return notes.flatMap(({ name, facts }) => wrapped(`${name}${' '.repeat(GAP)}${facts.join('; ')}`, columns, name.length + GAP));
}

/** The status of a stack for people: where it is, what the operator thinks, a line per process, what there is to say of the members, the last events. */
export function statusLines(status: StackStatus, shown: Shown): readonly string[] {
  const { paint, columns, rows, events } = shown;
  const top = [headLine(status, shown), ...decisionLines(status, shown), '', ...processLines(status.processes, status.operator, shown)];
  const notes = paragraph(noteLines(status.operator, columns, rows === Infinity ? 'all' : 'unusual'), Math.ceil((rows - top.length) / 2));
  const last = events > 0 ? status.events.slice(-events).flatMap((event) => wrapped(eventLine(event), columns, TIME_COLUMNS)) : [];
  const room = rows === Infinity ? last.length : rows - top.length - notes.length - 1;
  const eventLines = room > 0 ? last.slice(-room).map((line) => paint(line, 'dim')) : [];
  return [...top, ...notes, ...paragraph(eventLines, Infinity)];
}

/** Lines below an empty one, as many as fit. */
const paragraph = (lines: readonly string[], rows: number): readonly string[] => (lines.length === 0 || rows < 2 ? [] : ['', ...lines.slice(0, rows === Infinity ? undefined : rows - 1)]);
