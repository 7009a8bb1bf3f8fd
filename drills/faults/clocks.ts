import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import type { Clocks } from '../clocks/clocks.ts';
import { withSql } from '../stack/table.ts';
import type { Fault, Stage } from './fault.ts';
import { primaryStayed } from './links.ts';
import { Sequence } from './sequence.ts';
import { end } from './signals.ts';
import { primary, primaryMoved, replaced, replica } from './victim.ts';

const HOUR_S = 3600;

function clocksOf({ own }: Stage): Clocks {
  if (own === null || own.clocks === null) throw new Error('The members have no clocks of their own: this fault takes a stack that was started so.');
  return own.clocks;
}

/** @throws Error when a member's clock is not off by an hour, give or take what asking takes */
async function off({ stack }: Stage, name: string, seconds: number): Promise<string> {
  return await withSql(stack, name, async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>('SELECT UNIX_TIMESTAMP() AS now');
    const seen = Number(rows[0]?.['now']) - Date.now() / 1000;
    if (Math.abs(seen - seconds) > 10) throw new Error(`The clock of ${name} is off by ${Math.round(seen)} s, and should be by ${seconds}: it was not moved.`);
    return `${name} believes that it is ${Math.round(Math.abs(seen))} s ${seen > 0 ? 'later' : 'earlier'} than it is.`;
  });
}

/**
 * The primary's clock jumps ahead by an hour, and back again.
 * @param forMs how long it is wrong, in milliseconds
 */
export const clockAhead = (forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const [clocks, victim] = [clocksOf(stage), await primary(stage)];
  try {
    const startMs = stage.now();
    steps.did(`The clock of ${victim.name} jumped ahead by an hour.`);
    clocks.set(victim.name, HOUR_S);
    steps.saw(await off(stage, victim.name, HOUR_S));
    steps.saw(await primaryStayed(stage, victim));
    await sleep(Math.max(0, startMs + forMs - stage.now()), undefined, { signal: stage.signal });
    steps.did('It jumped back.');
  } finally {
    clocks.set(victim.name, 0);
  }
  return steps.damage();
};

/** A replica's clock falls back by an hour, and then the primary is killed; it is right again when another has its place. */
export const clockBehind: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const [clocks, victim] = [clocksOf(stage), await replica(stage)];
  try {
    steps.did(`The clock of ${victim.name} fell back by an hour.`);
    clocks.set(victim.name, -HOUR_S);
    steps.saw(await off(stage, victim.name, -HOUR_S));
    await sleep(BEFORE_KILL_MS, undefined, { signal: stage.signal });
    steps.did('The primary gets SIGKILL.');
    const { evidence } = await end(primary, 'SIGKILL', [primaryMoved, replaced])(stage);
    for (const text of evidence) steps.saw(text);
    steps.did('The clock is right again.');
  } finally {
    clocks.set(victim.name, 0);
  }
  return steps.damage();
};

/** Long enough for heartbeats and looks to meet the wrong clock, in milliseconds. */
const BEFORE_KILL_MS = 5000;
