import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from '../../local/supervisor/identity.ts';
import type { Fault } from './fault.ts';
import { linksBetween } from './links.ts';
import { Sequence } from './sequence.ts';
import { named, replaced } from './victim.ts';

/** Several processes get SIGKILL at once. */
export const killAll = (...names: readonly string[]): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const victims = await Promise.all(names.map((name) => named(name)(stage)));
  steps.did(`${names.join(', ')} got SIGKILL.`);
  for (const victim of victims) signalGroup(victim.pid, 'SIGKILL');
  for (const victim of victims) steps.saw(await replaced(stage, victim));
  return steps.damage();
};

/**
 * One Koa is cut off from every Redis and every Sentinel; the other is not.
 * @param forMs how long, in milliseconds
 */
export const redisSplit = (forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const [toRedis, toSentinels] = [linksBetween(stage, 'web-0', 'redis'), linksBetween(stage, 'web-0', 'sentinel')];
  const links = [...toRedis, ...toSentinels];
  const held = toRedis.reduce((sum, link) => sum + link.connections, 0);
  if (held === 0) throw new Error('No Koa reaches Redis over the links: cutting them would break nothing.');
  try {
    steps.did(`web-0 was cut off from every Redis (${held} connections) and every Sentinel.`);
    for (const link of links) link.cut();
    await sleep(forMs, undefined, { signal: stage.signal });
    steps.did('web-0 reaches Redis again.');
  } finally {
    for (const link of links) link.mend();
  }
  return steps.damage();
};
