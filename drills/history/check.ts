import { parseLines } from './entry.ts';
import { operationsIn } from './operations.ts';
import { checkReads } from './reads.ts';
import { decideRows } from './register.ts';
import { checkFinal, rowsWritten, type Wrong } from './rows.ts';

/** What a history shows. */
export interface HistoryVerdict {
  readonly writes: number;
  readonly reads: number;
  readonly rows: number;
  /** Rows whose search for an order was given up. */
  readonly undecided: number;
  readonly wrong: readonly Wrong[];
}

/**
 * Checks a history that was written down. It knows nothing of what the load had in mind.
 * @param text JSON lines
 * @throws Error when it is no history
 */
export function checkHistory(text: string): HistoryVerdict {
  const operations = operationsIn(parseLines(text));
  const rows = rowsWritten(operations);
  const decisions = decideRows(operations);
  return {
    writes: operations.writes.length,
    reads: operations.reads.length,
    rows: rows.size,
    undecided: decisions.filter(({ decision }) => decision === 'undecided').length,
    wrong: [
      ...operations.contradictions,
      ...checkFinal(operations, rows),
      ...checkReads(operations, rows),
      ...decisions.filter(({ decision }) => decision === 'impossible').map(({ text: sentence }) => ({ kind: 'not linearizable', text: sentence }) as const),
    ],
  };
}
