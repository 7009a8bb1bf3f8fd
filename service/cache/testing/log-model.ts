import type { Change, Version } from '../../ports.ts';
import { LOG_ENTRIES } from '../change-log.ts';
import type { KeptPage, Known, LogAnswer, LoggedChange, RaiseAnswer } from '../ports.ts';
import { compareVersions, LOWEST } from '../version.ts';
import type { Weakness } from './weakness.ts';

/** What a Redis process holds: what the scripts keep there. */
export interface CacheState {
  readonly nonce: string | undefined;
  readonly version: Version;
  readonly seq: number;
  /** Every number of the version's epoch up to it is logged. */
  readonly settled: number;
  /** Numbers above it that are. */
  readonly ahead: ReadonlySet<number>;
  readonly entries: readonly LoggedChange[];
  readonly claimedUntil: number;
  readonly pages: ReadonlyMap<string, { readonly nonce: string; readonly page: KeptPage }>;
}

export const EMPTY: CacheState = { nonce: undefined, version: LOWEST, seq: 0, settled: 0, ahead: new Set(), entries: [], claimedUntil: 0, pages: new Map() };

/** What `BEGIN` leaves. */
export const begun = (nonce: string, claimedUntil: number): CacheState => ({ ...EMPTY, nonce, claimedUntil });

function settle(state: CacheState, n: number): CacheState {
  let settled = Math.max(state.settled, n);
  while (state.ahead.has(settled + 1)) settled += 1;
  return { ...state, settled, ahead: new Set([...state.ahead].filter((number) => number > settled)) };
}

const append = (state: CacheState, entry: LoggedChange): CacheState => ({ ...state, seq: state.seq + 1, entries: [...state.entries, entry] });

function whole(state: CacheState, version: Version): CacheState {
  const appended = append(state, { epoch: version.epoch, n: version.n, change: undefined });
  if (version.epoch > state.version.epoch) return { ...appended, version, settled: version.n, ahead: new Set() };
  return settle({ ...appended, version: version.n > state.version.n ? version : state.version }, version.n);
}

/** What the script `LOG` does. */
export function logOf(before: CacheState, nonce: string, { floor, settled, seq }: Known): [CacheState, LogAnswer] {
  if (before.nonce !== nonce) return [before, { kind: 'lost' }];
  let state = compareVersions(floor, before.version) > 0 ? whole(before, floor) : before;
  if (settled !== undefined && settled.epoch === state.version.epoch && settled.n > state.settled) state = whole(state, { ...state.version, n: settled.n });
  const missing = state.seq - seq;
  const entries = missing > state.entries.length ? undefined : missing > 0 ? state.entries.slice(-missing) : [];
  return [state, { kind: 'log', version: state.version, seq: state.seq, entries }];
}

/** What the script `RAISE` does, with `raise`'s own rule of when it is guarded. */
export function raised(before: CacheState, nonce: string, { version, changes, weakness = 'none' }: { readonly version: Version; readonly changes: readonly Change[] | undefined; readonly weakness?: Weakness }): [CacheState, RaiseAnswer] {
  if (before.nonce !== nonce) return [before, 'lost'];
  const { epoch, n } = version;
  if (weakness !== 'no compare-and-max' && epoch < before.version.epoch) return [before, 'raised'];
  if ((epoch > before.version.epoch && weakness !== 'no whole entry for an epoch') || changes === undefined) return [whole(before, version), 'raised'];
  const isGuarded = weakness !== 'gaps allowed' && changes.some(({ from }) => from !== undefined);
  if (isGuarded && n > before.settled + 1) return [before, 'gap'];
  if (weakness === 'late changes left out' && compareVersions(version, before.version) < 0) return [before, 'raised'];
  const logged = changes.reduce((state, change) => append(state, { epoch, n, change }), before);
  const moved = weakness === 'no compare-and-max' || compareVersions(version, logged.version) > 0 ? { ...logged, version } : logged;
  if (n <= moved.settled) return [moved, 'raised'];
  const known = n === moved.settled + 1 ? settle(moved, n) : { ...moved, ahead: new Set([...moved.ahead, n]) };
  return [known.ahead.size > LOG_ENTRIES ? whole(known, version) : known, 'raised'];
}
