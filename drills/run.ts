import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './faults/fault.ts';
import { checkHistory } from './history/check.ts';
import { Recorder, type StoredProperty } from './history/recorder.ts';
import type { History } from './load/history.ts';
import { startLoad, type Load } from './load/load.ts';
import { Sampler, type Watched } from './report/sampler.ts';
import type { Calm, Scenario } from './scenario.ts';
import { Unhealthy } from './stack/target.ts';
import { differences, markedRows, primaryOf, removeRows, rowsIn } from './stack/table.ts';
import { judge, type Damage, type Verdict } from './verdict/judge.ts';

/** Healthy before the fault, in milliseconds: a stack may just have come out of another drill. */
const HEALTHY_BEFORE_MS = 60_000;
const CALM: Calm = { beforeMs: 3000, afterMs: 5000 };
/** After the wait's bound has passed the drill has failed; a little longer shows whether it heals at all. */
const PATIENCE_MS = 30_000;
/** Replicas that were far behind apply their backlog meanwhile. */
const EQUAL_BOUND_MS = 90_000;
const CLEAN_UP_MS = 60_000;

/** Begins the address of every row that a drill makes, so that a person can tell them and remove them. */
export const MARKER_PREFIX = 'holdfast drill';

/** A run with all that a report shows of it. */
export interface Run {
  readonly verdict: Verdict;
  readonly history: History;
  readonly damage: Damage;
  readonly watched: Watched;
  /** What the load has left in the table. */
  readonly rows: readonly StoredProperty[];
}

/** What the rows of a run are called, and where its history is written down. */
export interface Book {
  /** What the address of every row begins with. */
  readonly marker: string;
  /** Path of the history. */
  readonly file: string;
}

/** A marker for the rows of a new run. */
export const newMarker = (): string => `${MARKER_PREFIX} ${Date.now().toString(36)}`;

/**
 * Runs a drill once: load, fault, healing, checks. Its rows are removed afterwards, also when it breaks off.
 * @param file path of the history that is written down
 * @throws Error when the fault did not happen, or when the stack is not healthy beforehand
 */
export async function runOnce<S extends Ground>(scenario: Scenario<S>, stage: S, file: string): Promise<Run> {
  const marker = newMarker();
  try {
    return await runInBook(scenario, stage, { marker, file });
  } finally {
    await cleanUp(stage, marker);
  }
}

/** The same without removing the rows. */
export async function runInBook<S extends Ground>(scenario: Scenario<S>, stage: S, { marker, file }: Book): Promise<Run> {
  const { stack, signal, now } = stage;
  await stack.waitForHealth(HEALTHY_BEFORE_MS, signal);
  await scenario.prepare?.(stage);
  const notes = new Recorder(file, marker, now);
  const sampler = new Sampler({ look: (limit) => stack.look(AbortSignal.any([signal, limit])), now });
  try {
    const struck = await strike(scenario, stage, startLoad(stack.urls, marker, now, { ...scenario.load, notes }));
    const watched = await sampler.stop();
    const unequal = await differences(stack, EQUAL_BOUND_MS, signal);
    const rows = await markedRows(stack, await primaryOf(stack, signal), marker);
    await notes.finish(rows);
    const written = { file, verdict: checkHistory(await readFile(file, 'utf8')) };
    const verdict = judge(scenario.bounds, { ...struck, stored: rowsIn(marker, rows), written, differences: unequal });
    return { verdict, history: struck.history, damage: struck.damage, watched, rows };
  } finally {
    await sampler.stop();
    await notes.close();
  }
}

/** Removes the rows of a run, in whichever state it is. A stack of the drill's own that is about to be ended anyway keeps them. */
export async function cleanUp({ stack, own, signal, note }: Ground, marker: string): Promise<void> {
  if (own !== null && signal.aborted) return;
  // Not the drill's own signal: an interrupted drill removes its rows, too.
  const limit = AbortSignal.timeout(CLEAN_UP_MS);
  try {
    const primary = await primaryOf(stack, limit);
    const rows = await markedRows(stack, primary, marker);
    await removeRows(stack, primary, rows.map((row) => row.id));
  } catch (error) {
    note(`The rows whose address begins with "${marker}" could not be removed, delete them by hand: ${(error as Error).message}`);
  }
}

interface Struck {
  readonly history: History;
  readonly damage: Damage;
  readonly healMs: number | null;
  readonly unhealthy: readonly string[];
}

/** The part of a drill that is under load. The load is stopped whatever happens. */
async function strike<S extends Ground>(scenario: Scenario<S>, stage: S, load: Load): Promise<Struck> {
  try {
    const { beforeMs, afterMs } = scenario.calm ?? CALM;
    await sleep(beforeMs, undefined, { signal: stage.signal });
    const damage = await scenario.fault(stage);
    const health = await healed(scenario, stage, damage);
    await sleep(Math.max(0, damage.lastMs + afterMs - stage.now()), undefined, { signal: stage.signal });
    return { history: await load.stop(), damage, ...health };
  } catch (error) {
    await load.stop();
    throw error;
  }
}

/** Waits for full health; a stack that does not come back is a verdict, not an error. */
async function healed(scenario: Pick<Scenario, 'bounds'>, { stack, now, signal }: Ground, damage: Damage): Promise<Pick<Struck, 'healMs' | 'unhealthy'>> {
  try {
    await stack.waitForHealth(scenario.bounds.healMs + PATIENCE_MS, signal);
    return { healMs: now() - damage.lastMs, unhealthy: [] };
  } catch (error) {
    if (error instanceof Unhealthy) return { healMs: null, unhealthy: error.missing };
    throw error;
  }
}
