import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../drills/stack/stack.ts';
import { processNamed } from '../../drills/stack/status.ts';
import { until } from '../../drills/stack/wait.ts';
import { signalGroup } from '../../local/supervisor/identity.ts';
import { Writers } from '../load/writers.ts';
import { outageOf, type Outage } from '../measure/outage.ts';
import { POST } from './writing.ts';

/** Milliseconds of load before the fault, of which the first part is not counted, and after it. */
const TIMES = { warmUpMs: 2000, beforeMs: 3000, afterMs: 8000 } as const;
const HEAL_MS = 120_000;

/** How hard the clients work. */
export interface Pressure {
  readonly clients: number;
  readonly pauseMs: number;
}

/** Far from what the machine can do: some 300 writes a second. */
export const LOW: Pressure = { clients: 16, pauseMs: 50 };
/** As much as can be had. */
export const FULL: Pressure = { clients: 256, pauseMs: 0 };

/** Kills the primary under a load of writes, and waits until the stack is whole again. @throws Error when it does not become so */
export async function killPrimary({ stack, url, pressure, signal }: { readonly stack: Stack; readonly url: string; readonly pressure: Pressure; readonly signal: AbortSignal }): Promise<Outage & { readonly failed: number }> {
  const writers = new Writers({ url, asked: POST, ...pressure });
  let faultAt = 0;
  try {
    await sleep(TIMES.warmUpMs + TIMES.beforeMs, undefined, { signal });
    const { operator, ...status } = await stack.status(signal);
    const victim = processNamed({ ...status, operator }, operator?.primary ?? '');
    if (victim === undefined) throw new Error('There is no primary to be killed: the stack must be whole before it is broken.');
    faultAt = performance.now();
    signalGroup(victim.pid, 'SIGKILL');
    await sleep(TIMES.afterMs, undefined, { signal });
  } finally {
    await writers.stop();
  }
  await whole(stack, signal);
  const counted = writers.answered.filter(({ at }) => at >= faultAt - TIMES.beforeMs);
  return { ...outageOf(counted, faultAt), failed: writers.failed };
}

/** Waits until nothing ails a stack, twice in a row: what ails it shows a moment after it broke. */
export async function whole(stack: Stack, signal: AbortSignal): Promise<void> {
  await until({ what: 'An answer of the operator', boundMs: HEAL_MS, signal }, async () => ((await stack.operator(signal)) === null ? null : true));
  await stack.waitForHealth(HEAL_MS, signal);
  await sleep(1000, undefined, { signal });
  await stack.waitForHealth(HEAL_MS, signal);
}
