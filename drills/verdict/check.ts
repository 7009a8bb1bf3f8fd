import { isAcknowledged, isWrite, type Change, type History, type Operation } from '../load/history.ts';
import { addressOf } from '../load/workload.ts';

/** A row of ours as it stands on the primary at the end. */
export interface StoredRow {
  readonly id: number;
  /** Null when its address carries our marker but no number. */
  readonly row: number | null;
  readonly version: number;
}

/** One thing that must not be, with the sentence that says what. */
export interface Finding {
  readonly kind: 'lost' | 'duplicated' | 'ghost' | 'stale' | 'phantom';
  readonly text: string;
}

/** What was written to one row, in the order of its versions. */
export interface RowHistory {
  readonly row: number;
  readonly writes: readonly Write[];
}

/** One write of a row. */
export interface Write extends Change {
  readonly gone: boolean;
  readonly startedMs: number;
  /** When its acknowledgement arrived; null when none did. */
  readonly acknowledgedMs: number | null;
  /** Answered with 4xx: it did not happen. */
  readonly refused: boolean;
}

/** Every row's writes, by row. */
export function rowHistories(history: History): ReadonlyMap<number, RowHistory> {
  const rows = new Map<number, { row: number; writes: Write[] }>();
  for (const operation of history.operations) {
    if (!isWrite(operation) || operation.change === null) continue;
    const entry = rows.get(operation.change.row) ?? { row: operation.change.row, writes: [] };
    entry.writes.push(writeOf(operation, operation.change));
    rows.set(entry.row, entry);
  }
  for (const entry of rows.values()) entry.writes.sort((a, b) => a.version - b.version);
  return rows;
}

const writeOf = (operation: Operation, change: Change): Write => ({
  ...change,
  gone: operation.kind === 'delete',
  startedMs: operation.startedMs,
  acknowledgedMs: isAcknowledged(operation) ? operation.endedMs : null,
  refused: operation.status !== null && operation.status >= 400 && operation.status < 500,
});

/**
 * Compares what was acknowledged with what the primary holds: nothing acknowledged may be missing or older, nothing may
 * stand twice, and nothing may stand there that nobody wrote. A write without an answer may have happened once, or not.
 * @param stored every row on the primary whose address begins with the history's marker
 */
export function checkRows(history: History, stored: readonly StoredRow[]): readonly Finding[] {
  const histories = rowHistories(history);
  const byRow = Map.groupBy(stored, (one) => one.row);
  const ghosts = stored
    .filter((one) => one.row === null || !histories.has(one.row))
    .map((one) => finding('ghost', `Id ${one.id} carries our marker, and nobody wrote it.`));
  const findings = [...histories.values()].flatMap((row) => checkRow(history.marker, row, byRow.get(row.row) ?? []));
  return [...ghosts, ...findings];
}

function checkRow(marker: string, { row, writes }: RowHistory, stored: readonly StoredRow[]): readonly Finding[] {
  const address = addressOf(marker, row);
  const acknowledged = writes.findLast((write) => write.acknowledgedMs !== null);
  const possible = writes.filter((write) => write.version >= (acknowledged?.version ?? 0) && !write.refused);
  const [first, second] = stored;
  if (second !== undefined) return [finding('duplicated', `${address} stands ${stored.length} times, as ids ${stored.map((one) => one.id).join(', ')}.`)];
  if (first === undefined) {
    if (acknowledged === undefined || possible.some((write) => write.gone)) return [];
    return [finding('lost', `${address}: version ${acknowledged.version} was acknowledged, and no row is there.`)];
  }
  return checkVersion(address, first, { acknowledged, possible, writes });
}

interface Expectation {
  readonly acknowledged: Write | undefined;
  readonly possible: readonly Write[];
  readonly writes: readonly Write[];
}

function checkVersion(address: string, stored: StoredRow, { acknowledged, possible, writes }: Expectation): readonly Finding[] {
  const write = writes.find((one) => one.version === stored.version && !one.gone);
  if (write === undefined) return [finding('ghost', `${address} has version ${stored.version}, and nobody wrote that.`)];
  if (!possible.includes(write)) {
    if (acknowledged === undefined) return [finding('ghost', `${address} has version ${stored.version}, which was refused.`)];
    const what = acknowledged.gone ? 'its deletion' : `version ${acknowledged.version}`;
    return [finding('lost', `${address}: ${what} was acknowledged, and version ${stored.version} is there.`)];
  }
  const id = writes.find((one) => one.id !== null)?.id ?? stored.id;
  return id === stored.id ? [] : [finding('lost', `${address} was acknowledged as id ${id}, and stands as id ${stored.id}.`)];
}

const finding = (kind: Finding['kind'], text: string): Finding => ({ kind, text });
