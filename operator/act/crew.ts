import type { ClusterWatch } from '../observe/cluster.ts';
import type { Clock, Platform, Tally } from '../ports.ts';
import type { MemberControl } from './control.ts';
import type { Journal } from './journal.ts';
import { NotLeadingError } from './locks.ts';
import type { Locks } from './locks.ts';
import type { Turns } from './turns.ts';

/** Everything that the steps work with. */
export interface Crew {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly watch: ClusterWatch;
  readonly journal: Journal;
  readonly tally: Tally;
  /** By member's name. */
  readonly controls: ReadonlyMap<string, MemberControl>;
  /** Which member's data may go is decided for one at a time, until it no longer counts: two could each rely on the other. */
  readonly wipes: Turns;
}

/**
 * The same crew for one task: its commands end with the signal, and with the time in which this operator leads without a
 * break. A command that was sent before comes before all that others send later: each member has one session.
 */
export function crewUntil(crew: Crew, signal: AbortSignal): Crew {
  const { reign } = crew.locks;
  const guard = (): void => {
    signal.throwIfAborted();
    if (crew.locks.reign !== reign || !crew.locks.leads) throw new NotLeadingError('this operator has lost its locks in between, so nothing that it began goes on');
  };
  return { ...crew, controls: new Map([...crew.controls].map(([name, control]) => [name, control.guardedBy(guard)])) };
}

/** A step that cannot be taken now, with what would help. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * The control of a member.
 * @throws Error when there is no such member
 */
export function controlOf({ controls }: Crew, name: string): MemberControl {
  const control = controls.get(name);
  if (control === undefined) throw new Error(`There is no member ${name}: the settings name ${[...controls.keys()].join(', ')}.`);
  return control;
}

/**
 * Waits until all are settled, or so many have succeeded and a grace has passed: one member that hangs holds up nobody.
 * @param enough how many must succeed
 * @param graceMs for the others once enough have
 * @returns the results of those that succeeded so far
 */
export async function settleEnough<T>(clock: Clock, tasks: readonly Promise<T>[], { enough, graceMs }: { enough: number; graceMs: number }): Promise<readonly T[]> {
  const done: T[] = [];
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const all = tasks.map((task) =>
    task.then(
      (value) => {
        done.push(value);
        if (done.length >= enough) resolve();
      },
      () => undefined,
    ),
  );
  await Promise.race([Promise.all(all), reached.then(() => clock.sleep(graceMs))]);
  return [...done];
}
