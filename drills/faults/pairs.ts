import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../common/random.ts';
import type { Kind } from '../chaos/faults.ts';
import { between, oneOf } from '../chaos/random.ts';
import type { Damage } from '../verdict/judge.ts';
import type { Fault, Ground } from './fault.ts';

const LONGEST_BETWEEN_MS = 6000;

/** Two single faults of these, the second a random time after the first has begun. */
export const twoAtRandom = <S extends Ground>(all: readonly Kind<S>[]): Fault<S> => async (stage) => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const random = randomFrom(seed);
  const kinds = [oneOf(random, all), oneOf(random, all)].map((kind) => kind(random));
  const betweenMs = between(random, 50, LONGEST_BETWEEN_MS);
  stage.note(`Seed ${seed}: ${kinds.map(({ name }) => name).join(`, and ${betweenMs} ms later `)}.`);
  const running = kinds.map(async ({ fault }, index) => {
    if (index > 0) await sleep(betweenMs, undefined, { signal: stage.signal });
    return await fault(stage);
  });
  const damages = (await Promise.allSettled(running)).map((result, index) => {
    // The first fault may have taken away what the second was to hit: it was tried, and the checks go on.
    if (result.status === 'fulfilled') return result.value;
    return { evidence: [`${kinds[index]?.name ?? ''}: ${(result.reason as Error).message}`], firstMs: stage.now(), lastMs: stage.now(), heldPorts: new Set<number>() };
  });
  stage.signal.throwIfAborted();
  return together(seed, damages);
};

function together(seed: number, damages: readonly Damage[]): Damage {
  const ports = damages.map(({ heldPorts }) => heldPorts);
  return {
    evidence: [`Drawn with seed ${seed}.`, ...damages.flatMap(({ evidence }) => evidence)],
    marks: damages.flatMap(({ marks, firstMs, evidence }) => marks ?? [{ atMs: firstMs, text: evidence[0] ?? '' }]),
    firstMs: Math.min(...damages.map(({ firstMs }) => firstMs)), lastMs: Math.max(...damages.map(({ lastMs }) => lastMs)),
    heldPorts: ports.includes(null) ? null : new Set(ports.flatMap((one) => [...(one ?? [])])),
  };
}
