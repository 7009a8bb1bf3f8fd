import { median as medianOf } from '../../common/median.ts';
import { figuresOf, type Connection, type Figures, type History, type Operation } from '../load/history.ts';
import { checkRows, type Finding, type StoredRow } from './check.ts';
import type { HistoryVerdict } from '../history/check.ts';
import type { Wrong } from '../history/rows.ts';
import { checkReads } from './reads.ts';

/** Which requests may fail. */
export type AllowedFailures =
  /** None. */
  | 'none'
  /** Those on connections that the broken part held, and none later than {@link VICTIM_GRACE_MS} after the fault. */
  | 'on the connections of the victim'
  /** Any: the whole stack was down. */
  | 'any';

const historySentence = ({ verdict: { writes, reads, rows, undecided }, file }: Written): string =>
  `The history of ${writes} writes and ${reads} answers over ${rows} rows is in ${file}${undecided === 0 ? '' : `; the search for an order was given up for ${undecided} of them`}.`;

/** What a drill allows; times in milliseconds, null: no bound. */
export interface Bounds {
  readonly failures: AllowedFailures;
  readonly longestWriteGapMs: number | null;
  /** Of the median over all runs, from {@link RUNS_FOR_MEDIAN} runs on. */
  readonly medianWriteGapMs: number | null;
  readonly slowestRequestMs: number | null;
  /** From the last thing that the drill did to full health. */
  readonly healMs: number;
}

/** The same bounds with every time multiplied: what may fail stays as it is. */
export function slackened(bounds: Bounds, slack: number): Bounds {
  const times = (ms: number | null): number | null => (ms === null ? null : ms * slack);
  const { longestWriteGapMs, medianWriteGapMs, slowestRequestMs } = bounds;
  return {
    ...bounds, longestWriteGapMs: times(longestWriteGapMs), medianWriteGapMs: times(medianWriteGapMs),
    slowestRequestMs: times(slowestRequestMs), healMs: bounds.healMs * slack,
  };
}

/** A client may still be connected to a dead or frozen edge this long after the fault. */
export const VICTIM_GRACE_MS = 3000;

/** Fewer runs than this have no meaningful median. */
export const RUNS_FOR_MEDIAN = 5;

/** What a fault did, and what shows that it happened. */
export interface Damage {
  /** The same, each with its time on the drill's clock, where a fault has several steps. */
  readonly marks?: readonly { readonly atMs: number; readonly text: string }[];
  /** Sentences: what was done to whom, and what was seen of it. */
  readonly evidence: readonly string[];
  /** When the first and the last thing were done, on the drill's clock. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Client-side ports of the connections that the victim held when it was struck; null when the system does not tell. */
  readonly heldPorts: ReadonlySet<number> | null;
  /** Where ports do not tell: which of the edge's addresses lead to the victim. It then stands for {@link heldPorts}. */
  readonly heldAddresses?: HeldAddresses;
}

/** Connections that lead into a broken edge, known by the address that their clients used. */
export interface HeldAddresses {
  readonly addresses: ReadonlySet<string>;
  /** The edge was there, or a hung one's kernel took connections for it, until then; on the drill's clock. */
  readonly untilMs: number;
}

/** What the checker of the written history says. */
export interface Written {
  readonly verdict: HistoryVerdict;
  /** Where the history is. */
  readonly file: string;
}

/** Everything that was seen in one run of a drill. */
export interface Observation {
  readonly history: History;
  readonly damage: Damage;
  /** From {@link Damage.lastMs} to full health; null when that did not come in time. */
  readonly healMs: number | null;
  /** What was still missing when the wait for health ended. */
  readonly unhealthy: readonly string[];
  readonly stored: readonly StoredRow[];
  /** Of the history as it was written down; absent: it was not. */
  readonly written?: Written;
  /** How members differ from the primary; empty: same GTID set, same table checksums. */
  readonly differences: readonly string[];
}

/** The verdict over one run. */
export interface Verdict {
  readonly figures: Figures;
  readonly lost: number;
  readonly duplicated: number;
  /** Reads that showed too little or what is later gone, and how many were compared. */
  readonly wrongReads: number;
  readonly comparedReads: number;
  readonly healMs: number | null;
  readonly evidence: readonly string[];
  /** Why the run did not pass; empty: it passed. */
  readonly complaints: readonly string[];
}

const gapSentence = ({ longestWriteGapMs, longestWriteGapFromMs }: Figures, { firstMs }: Damage): string =>
  `The longest time without an acknowledged write was ${Math.round(longestWriteGapMs)} ms, from ${Math.round(longestWriteGapFromMs - firstMs)} ms after the fault on.`;

const SHOWN_PER_KIND = 5;

/** Judges one run: counts, and a sentence for all that the drill does not allow. */
export function judge(bounds: Bounds, seen: Observation): Verdict {
  const figures = figuresOf(seen.history, (one) => bounds.failures === 'on the connections of the victim' && isOfVictim(one, seen.damage));
  const reads = checkReads(seen.history, seen.stored);
  const findings = [...checkRows(seen.history, seen.stored), ...reads.findings];
  const count = (...kinds: readonly Finding['kind'][]): number => findings.filter((one) => kinds.includes(one.kind)).length;
  const written = (...kinds: readonly Wrong['kind'][]): number => (seen.written?.verdict.wrong ?? []).filter((one) => kinds.includes(one.kind)).length;
  return {
    figures,
    lost: Math.max(count('lost'), written('lost')),
    duplicated: Math.max(count('duplicated', 'ghost'), written('duplicated', 'ghost', 'replay')),
    wrongReads: Math.max(count('stale', 'phantom'), written('stale', 'own write', 'order', 'not linearizable')),
    comparedReads: reads.compared,
    healMs: seen.healMs,
    evidence: [...seen.damage.evidence, gapSentence(figures, seen.damage), ...(seen.written === undefined ? [] : [historySentence(seen.written)])],
    complaints: [
      ...(figures.acknowledgedWrites === 0 ? ['No write was acknowledged: this run shows nothing.'] : []),
      ...shown(findings.map((one) => one.text)),
      ...shown(forbiddenFailures(bounds.failures, seen.history, seen.damage).map(describe)),
      ...late(bounds, figures),
      ...(seen.healMs === null ? [`Not healthy again: ${seen.unhealthy.join('; ')}.`] : over('Full health', seen.healMs, bounds.healMs)),
      ...shown((seen.written?.verdict.wrong ?? []).map(({ kind, text }) => `In the history, ${kind}: ${text}`)),
      ...seen.differences,
    ],
  };
}

const FORBIDDEN: Readonly<Record<AllowedFailures, (failed: Operation, damage: Damage) => boolean>> = {
  none: () => true,
  'on the connections of the victim': (failed, damage) => !isOfVictim(failed, damage),
  any: () => false,
};

/** The failed operations that the drill does not allow. */
export const forbiddenFailures = (allowed: AllowedFailures, history: History, damage: Damage): readonly Operation[] =>
  history.operations.filter((one) => one.failure !== null && FORBIDDEN[allowed](one, damage));

/** Held by the victim when it was struck, or opened after that: the kernel gives a frozen listener its share of new ones. */
function isOfVictim(operation: Operation, { firstMs, heldPorts, heldAddresses }: Damage): boolean {
  const connection = operation.connection;
  if (heldAddresses !== undefined) return connection !== null && isInto(heldAddresses, connection) && operation.startedMs <= heldAddresses.untilMs && operation.endedMs >= firstMs;
  const port = connection?.localPort ?? null;
  const held = port === null || heldPorts === null || heldPorts.has(port) || (connection !== null && connection.openedMs >= firstMs);
  return held && operation.endedMs >= firstMs && operation.endedMs <= firstMs + VICTIM_GRACE_MS;
}

/** A client gives up on such a connection when its own time-out has passed, however long ago that edge died. */
const isInto = ({ addresses, untilMs }: HeldAddresses, { address, openedMs }: Connection): boolean => addresses.has(address) && openedMs <= untilMs;

function late(bounds: Bounds, figures: Figures): readonly string[] {
  return [
    ...(bounds.longestWriteGapMs === null ? [] : over('The longest gap between acknowledged writes', figures.longestWriteGapMs, bounds.longestWriteGapMs)),
    ...(bounds.slowestRequestMs === null ? [] : over('The slowest request', Math.max(figures.slowestReadMs, figures.slowestWriteMs), bounds.slowestRequestMs)),
  ];
}

const over = (what: string, ms: number, boundMs: number): readonly string[] =>
  ms <= boundMs ? [] : [`${what} took ${Math.round(ms)} ms; allowed are ${boundMs} ms.`];

const describe = (one: Operation): string =>
  `${one.worker}: ${one.kind} at ${Math.round(one.startedMs)} ms failed after ${Math.round(one.endedMs - one.startedMs)} ms: ${one.failure ?? ''}.`;

const shown = (texts: readonly string[]): readonly string[] =>
  texts.length <= SHOWN_PER_KIND ? texts : [...texts.slice(0, SHOWN_PER_KIND), `… and ${texts.length - SHOWN_PER_KIND} more like these.`];

/** The middle value, or the mean of the two in the middle; 0 of none. */
export const median = (values: readonly number[]): number => (values.length === 0 ? 0 : medianOf(values));

/** What the medians over several runs break; empty when there are too few runs or nothing is broken. */
export function judgeMedians(bounds: Bounds, verdicts: readonly Verdict[]): readonly string[] {
  if (bounds.medianWriteGapMs === null || verdicts.length < RUNS_FOR_MEDIAN) return [];
  const gapMs = median(verdicts.map((verdict) => verdict.figures.longestWriteGapMs));
  return over(`In the median of ${verdicts.length} runs the longest gap between acknowledged writes`, gapMs, bounds.medianWriteGapMs);
}
