import type { Connection, History, Kind, Operation, View } from '../load/history.ts';
import type { Damage, Observation } from './judge.ts';

/** Histories for tests, written as short as they can be read. All times in milliseconds. */

/** A write of a version of a row that was acknowledged, or failed when a reason is given. */
export function write(kind: Exclude<Kind, 'read' | 'list'>, change: { row: number; version: number; id?: number }, more: Partial<Operation> = {}): Operation {
  return {
    kind, worker: 'writer-0', startedMs: change.row * 10, endedMs: change.row * 10 + 5, status: more.failure === undefined ? 200 : null,
    failure: null, connection: null, change: { row: change.row, version: change.version, id: change.id ?? null }, view: null, ...more,
  };
}

/** A read that was answered. */
export function read(startedMs: number, view: Partial<View>, more: Partial<Operation> = {}): Operation {
  return {
    kind: view.asked === undefined ? 'list' : 'read', worker: 'reader-0', startedMs, endedMs: startedMs + 5, status: 200, failure: null, connection: null, change: null,
    view: { sights: [], asked: null, limit: 10, length: view.sights?.length ?? 0, marked: false, ...view }, ...more,
  };
}

/** A history of a load that ran for a second. */
export const historyOf = (...operations: readonly Operation[]): History => ({ marker: 'drill', startedMs: 0, endedMs: 1000, operations });

/** A connection that was opened at a time. */
export const connection = (localPort: number, openedMs: number, address = 'http://127.0.0.1:8000'): Connection => ({ id: localPort, localPort, openedMs, address });

/** A run in which nothing went wrong, but for what is given. */
export function observed(history: History, more: Partial<Observation> = {}): Observation {
  const damage: Damage = { evidence: ['web-0 was killed.'], firstMs: 400, lastMs: 400, heldPorts: null };
  return { history, damage, healMs: 1500, unhealthy: [], stored: [], differences: [], ...more };
}
