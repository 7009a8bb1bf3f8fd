import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../local/supervisor/identity.ts';
import type { Disks } from '../stack/disks.ts';
import type { Fault, Stage } from './fault.ts';
import { Sequence } from './sequence.ts';
import { primary, primaryMoved } from './victim.ts';

function disksOf({ own }: Stage): Disks {
  if (own === null || own.disks === null) throw new Error('The members have no disks of their own: this fault takes a stack that was started so.');
  return own.disks;
}

/**
 * The primary's disk hangs: whatever it writes waits, while it answers and its replicas hear its heartbeats.
 * @param forMs how long, in milliseconds, at least
 */
export const diskHung = (forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const [disks, victim] = [disksOf(stage), await primary(stage)];
  try {
    steps.did(`The disk of ${victim.name} hangs.`);
    await disks.freeze(victim.name);
    steps.saw(await primaryMoved(stage, victim));
    if (!isAlive(victim)) throw new Error(`${victim.name} ended: that is another fault.`);
    await sleep(forMs, undefined, { signal: stage.signal });
    steps.did('It goes on.');
  } finally {
    disks.thaw(victim.name);
  }
  return steps.damage();
};

/**
 * The primary's disk is full, until somebody makes room.
 * @param forMs how long, in milliseconds, at least
 */
export const diskFull = (forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const [disks, victim] = [disksOf(stage), await primary(stage)];
  try {
    steps.did(`Nothing is left of the ${Math.round((await disks.fill(victim.name)) / 1024 / 1024)} MiB that were free on the disk of ${victim.name}.`);
    steps.saw(await primaryMoved(stage, victim));
    await sleep(forMs, undefined, { signal: stage.signal });
    steps.did('There is room again.');
  } finally {
    disks.empty(victim.name);
  }
  return steps.damage();
};
