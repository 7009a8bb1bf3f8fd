import { setTimeout as sleep } from 'node:timers/promises';
import { OwnStack } from '../../drills/stack/own.ts';
import { Stack } from '../../drills/stack/stack.ts';
import type { StackStatus } from '../../drills/stack/status.ts';
import { startRedis } from '../../local/testing/redis.ts';
import { startMembers } from '../../local/testing/servers.ts';
import { startEdges } from '../bed/nginx.ts';
import type { BenchContext, Case } from '../case.ts';
import { median } from '../../common/median.ts';
import type { Row } from '../measure/row.ts';

const LOOK_MS = 25;

/** What has come to be, in the order in which it does. */
const MARKS: readonly (readonly [string, (status: StackStatus) => boolean])[] = [
  ['the supervisor answers', () => true],
  ['all members run, their data folders made', ({ processes }) => processes.filter(({ kind, state }) => kind === 'mysql' && state === 'running').length === 3],
  ['the operator answers', ({ operator }) => operator !== null],
  ['there is a primary', ({ operator }) => operator !== null && operator.primary !== null],
  ['first 201', ({ readySeconds }) => readySeconds !== null],
];

/** Where the seconds of a start go. */
export const start: Case = {
  name: 'start',
  says: 'npm start on an empty folder to the first 201, and what has come to be when; beside mysqld, Redis and nginx alone on folders that are made',
  run: async (context) => {
    const runs: (readonly number[])[] = [];
    for (let run = 1; run <= context.pairs; run += 1) {
      context.step(`${run} of ${context.pairs}`);
      runs.push(await oneStart(context));
    }
    const seconds = (index: number): readonly number[] => runs.map((run) => run[index] ?? Number.NaN);
    const marks = MARKS.map(([what], index): Row => ({ what, value: median(seconds(index)), unit: 's', range: [Math.min(...seconds(index)), Math.max(...seconds(index))] }));
    return [...marks, ...(await alone(context))];
  },
};

/** Seconds from the start of the program to each mark. */
async function oneStart({ signal }: BenchContext): Promise<readonly number[]> {
  const own = await OwnStack.create({ links: 'without links', disks: 'without disks' }, () => undefined);
  const from = performance.now();
  const over = new AbortController();
  try {
    const marks = watch(own.dataDir, from, AbortSignal.any([signal, over.signal]));
    marks.catch(() => undefined);
    await own.start(signal);
    return await marks;
  } finally {
    over.abort();
    await own.end();
    own.remove();
  }
}

async function watch(dataDir: string, from: number, signal: AbortSignal): Promise<readonly number[]> {
  const seen: number[] = [];
  while (seen.length < MARKS.length) {
    signal.throwIfAborted();
    const status = await Stack.find(dataDir, signal).then((stack) => stack.status(signal)).catch(() => undefined);
    const now = (performance.now() - from) / 1000;
    if (status !== undefined) seen.push(...reached(status, seen.length).map(() => now));
    await sleep(LOOK_MS, undefined, { signal });
  }
  return seen;
}

/** The marks from a number on that are reached, up to the first that is not. */
function reached(status: StackStatus, from: number): readonly unknown[] {
  const rest = MARKS.slice(from);
  const next = rest.findIndex(([, isReached]) => !isReached(status));
  return next === -1 ? rest : rest.slice(0, next);
}

async function alone({ bed, step }: BenchContext): Promise<readonly Row[]> {
  step('each server alone');
  const mysql = await startMembers({ count: 1 });
  bed.atEnd(mysql.stop);
  const redis = await startRedis({ count: 1 });
  bed.atEnd(redis.stop);
  const [member] = mysql.members;
  const [server] = redis.servers;
  if (member === undefined || server === undefined) throw new Error('The servers did not start.');
  await member.stop();
  await server.kill('SIGTERM');
  return [
    { what: 'mysqld alone, until it answers', value: await timed(() => member.start()), unit: 's' },
    { what: 'Redis alone', value: await timed(() => server.start()), unit: 's' },
    { what: 'two nginx alone', value: await timed(() => startEdges(bed, 'alone', { webPorts: [1], cacheSeconds: 0 })), unit: 's' },
  ];
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return (performance.now() - from) / 1000;
}
