import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from '../faults/fault.ts';
import type { StoredProperty } from '../history/recorder.ts';
import type { LoadOptions } from '../load/load.ts';
import { page } from '../report/page.ts';
import { cleanUp, newMarker, runInBook, type Run } from '../run.ts';
import { NOTHING_FAILS, type Calm, type Scenario } from '../scenario.ts';
import { markedRows, primaryOf } from '../stack/table.ts';
import type { Kind } from './faults.ts';
import { chaosScene, roundOf, type Chaos, type DoneRound } from './scene.ts';
import { schedule, type Round } from './schedule.ts';

/** What a chaos run is to be. */
export interface ChaosPlan<S extends Ground> {
  readonly seed: number;
  readonly minutes: number;
  readonly kinds: readonly Kind<S>[];
  readonly load: LoadOptions;
  readonly calm: Calm;
  /** Folder for the report, and for the histories of rounds that went wrong. */
  readonly outDir: string;
  /** Time to full health after each fault, in milliseconds. */
  readonly healMs: number;
}

/** The rows that a round has left: nobody changes them any more. */
interface Left {
  readonly round: string;
  readonly marker: string;
  readonly rows: ReadonlySet<string>;
}

/**
 * Breaks one thing after the other, with pauses in which everything is healthy, until the time is up or a round cannot be
 * carried out. Each round is checked when it is over, and what all of them have left once more at the end.
 * @returns what it was like; the report is written
 */
export async function runChaos<S extends Ground>(plan: ChaosPlan<S>, stage: S): Promise<Chaos> {
  const untilMs = stage.now() + plan.minutes * 60_000;
  const rounds: DoneRound[] = [];
  const left: Left[] = [];
  const name = `chaos-seed-${plan.seed}-${Date.now().toString(36)}`;
  try {
    for (const round of schedule(plan.seed, plan.kinds)) {
      if (stage.now() >= untilMs || rounds.at(-1)?.kind === 'broken') break;
      const done = await carriedOut(plan, stage, { round, file: join(plan.outDir, `${name}-round-${round.number}.jsonl`), left });
      rounds.push(done);
      const text = done.kind === 'broken' ? `BROKEN: ${done.reason}` : done.complaints.length === 0 ? 'passed' : `FAILED: ${done.complaints.join(' ')}`;
      stage.note(`round ${round.number}, ${round.name}: ${text}`);
    }
    const chaos = { seed: plan.seed, minutes: plan.minutes, rounds, gone: await changedSince(stage, left) };
    const report = join(plan.outDir, `${name}.html`);
    writeFileSync(report, page(chaosScene(chaos)));
    stage.note(`The report is ${report}.`);
    return chaos;
  } finally {
    // A stack of its own is removed with all its rows.
    for (const { marker } of stage.own === null ? left : []) await cleanUp(stage, marker);
  }
}

interface Turn<S extends Ground> {
  readonly round: Round<S>;
  readonly file: string;
  readonly left: Left[];
}

async function carriedOut<S extends Ground>({ load, healMs, calm }: ChaosPlan<S>, stage: S, { round, file, left }: Turn<S>): Promise<DoneRound> {
  const scenario: Scenario<S> = { name: round.name, says: round.name, fault: round.fault, needs: 'any stack', load, calm, bounds: { ...NOTHING_FAILS, failures: round.failures, healMs } };
  const marker = newMarker();
  const rows = new Set<string>();
  left.push({ round: `${round.number}, ${round.name}`, marker, rows });
  try {
    await sleep(round.pauseMs, undefined, { signal: stage.signal });
    const run = await runInBook(scenario, stage, { marker, file });
    for (const row of run.rows) rows.add(textOf(row));
    return kept(roundOf(round.number, round.name, run), file, run);
  } catch (error) {
    stage.signal.throwIfAborted();
    left.pop();
    await cleanUp(stage, marker);
    return { kind: 'broken', number: round.number, name: round.name, reason: (error as Error).message };
  }
}

/** The history of a round that went well would only fill the disk. */
function kept(done: DoneRound, file: string, { verdict }: Run): DoneRound {
  if (verdict.complaints.length === 0) rmSync(file);
  return done;
}

const textOf = ({ id, address, land_size: value }: StoredProperty): string => `${id} ${address} ${value}`;

/** What is no longer as a round has left it, though nobody has asked for any change since. */
async function changedSince(stage: Ground, left: readonly Left[]): Promise<readonly string[]> {
  const primary = await primaryOf(stage.stack, stage.signal);
  const changes: string[] = [];
  for (const { round, marker, rows } of left) {
    const now = new Set((await markedRows(stage.stack, primary, marker)).map(textOf));
    const [missing, strange] = [[...rows].filter((row) => !now.has(row)), [...now].filter((row) => !rows.has(row))];
    if (missing.length + strange.length > 0) changes.push(`Of the rows of round ${round}, ${missing.length} are not as they were, and ${strange.length} came since: ${[...missing, ...strange].slice(0, 3).join('; ')}.`);
  }
  return changes;
}
