import type { History, Operation, Sight, View } from '../load/history.ts';
import { addressOf } from '../load/workload.ts';
import { rowHistories, type Finding, type RowHistory, type StoredRow, type Write } from './check.ts';

/** What the reads of a history gave away. */
export interface ReadCheck {
  readonly findings: readonly Finding[];
  /**
   * Answers that showed rows of ours and had no header that allows them to be older: each was compared with what had
   * been acknowledged before it was asked for.
   */
  readonly compared: number;
}

/** What is known of the rows when the load is over. */
interface Truth {
  readonly marker: string;
  readonly rows: ReadonlyMap<number, RowHistory>;
  readonly stored: ReadonlyMap<number | null, StoredRow>;
  readonly lastRow: number;
}

interface Answered {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly view: View;
}

/**
 * Holds every read against the writes: an answer that no header excuses shows everything that was acknowledged before
 * it was asked for, and no answer shows what is not there in the end.
 * @param stored every row on the primary whose address begins with the history's marker
 */
export function checkReads(history: History, stored: readonly StoredRow[]): ReadCheck {
  const rows = rowHistories(history);
  const truth: Truth = {
    marker: history.marker,
    rows,
    stored: new Map(stored.map((one) => [one.row, one])),
    lastRow: Math.max(0, ...rows.keys()),
  };
  const answered = history.operations.filter(hasView);
  const phantoms = answered.flatMap((read) => read.view.sights.filter((sight) => isPhantom(truth, sight)).map((sight) => phantom(truth, sight)));
  const fresh = answered.filter((read) => !read.view.marked && candidates(truth, read).length > 0);
  return { findings: [...phantoms, ...fresh.flatMap((read) => staleIn(truth, read))], compared: fresh.length };
}

const hasView = (operation: Operation): operation is Operation & { view: View } => operation.view !== null;

/** The version that stands in the end: a deletion that may have happened counts when the row is not there, else 0. */
function finalVersion(truth: Truth, row: number): number {
  const stored = truth.stored.get(row);
  if (stored !== undefined) return stored.version;
  return truth.rows.get(row)?.writes.findLast((write) => write.gone)?.version ?? 0;
}

const isPhantom = (truth: Truth, sight: Sight): boolean => sight.version > finalVersion(truth, sight.row);

const phantom = (truth: Truth, { row, version }: Sight): Finding => ({
  kind: 'phantom',
  text: `A read showed version ${version} of ${addressOf(truth.marker, row)}, which is not there in the end.`,
});

function staleIn(truth: Truth, read: Answered): readonly Finding[] {
  const shown = new Map(read.view.sights.map((sight) => [sight.row, sight.version]));
  return candidates(truth, read)
    .map((row) => staleRow(truth, row, shown.get(row) ?? null, read))
    .filter((finding) => finding !== null);
}

/** The rows that the answer must get right: the one asked for, or on a page every row that sorts before the last one of ours there. */
function candidates(truth: Truth, { view, startedMs }: Answered): readonly number[] {
  if (view.asked !== null) return [view.asked];
  const rows: number[] = [];
  const first = view.length < view.limit ? 1 : Math.min(...view.sights.map((sight) => sight.row));
  // Rows are numbered in the order in which they are sent: none after the first that was sent later can be due.
  for (let row = first; row <= truth.lastRow && (truth.rows.get(row)?.writes[0]?.startedMs ?? 0) < startedMs; row += 1) rows.push(row);
  return rows;
}

function staleRow(truth: Truth, row: number, shown: number | null, read: Answered): Finding | null {
  const writes = truth.rows.get(row)?.writes ?? [];
  const due = writes.findLast((write) => write.acknowledgedMs !== null && write.acknowledgedMs < read.startedMs);
  if (due === undefined) return null;
  const fine = shown === null ? mayBeGone(writes, due, read) : !due.gone && shown >= due.version;
  if (fine) return null;
  const what = shown === null ? 'did not show it' : `showed version ${shown}`;
  const ago = Math.round(read.startedMs - (due.acknowledgedMs ?? 0));
  const then = due.gone ? 'its deletion' : `version ${due.version}`;
  return { kind: 'stale', text: `${addressOf(truth.marker, row)}: ${then} was acknowledged ${ago} ms before a read ${what}.` };
}

/** Whether a deletion was under way that explains that the row is not shown. */
const mayBeGone = (writes: readonly Write[], due: Write, read: Answered): boolean =>
  writes.some((write) => write.gone && write.version >= due.version && write.startedMs < read.endedMs);
