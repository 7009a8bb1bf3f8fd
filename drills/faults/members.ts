import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { DATABASE, TABLES } from '../../common/names.ts';
import { isAlive, signalGroup, signalProcess } from '../../local/supervisor/identity.ts';
import { memberFolder } from '../../local/mysql/folder.ts';
import { withSql } from '../stack/table.ts';
import { until } from '../stack/wait.ts';
import { ownPortsOf } from './connections.ts';
import type { Fault, Stage } from './fault.ts';
import { linksBetween, primaryStayed } from './links.ts';
import { Sequence } from './sequence.ts';
import { gone } from './signals.ts';
import { primary, primaryMoved, replaced, replica, replicaNames } from './victim.ts';

/** The new primary is killed so long after the old one. */
const SECOND_KILL_MS = 2000;

/** The primary is killed, and two seconds later the one that took its place. */
export const twice: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const first = await primary(stage);
  const startMs = stage.now();
  steps.did(`${first.name} (pid ${first.pid}) got SIGKILL.`);
  signalGroup(first.pid, 'SIGKILL');
  steps.saw(await primaryMoved(stage, first));
  await sleep(Math.max(0, startMs + SECOND_KILL_MS - stage.now()), undefined, { signal: stage.signal });
  const second = await primary(stage);
  if (second.name === first.name) throw new Error(`${first.name} is the primary again before the second kill.`);
  steps.did(`${second.name} (pid ${second.pid}) got SIGKILL.`);
  signalGroup(second.pid, 'SIGKILL');
  steps.saw(await primaryMoved(stage, second));
  steps.saw(await replaced(stage, first));
  steps.saw(await replaced(stage, second));
  return steps.damage();
};

/**
 * The primary is cut off from its replicas, and from nobody else.
 * @param forMs how long, in milliseconds, at least
 */
export const isolated = (forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const victim = await primary(stage);
  const links = linksBetween(stage, 'replicas', victim.name);
  const held = links.reduce((sum, link) => sum + link.connections, 0);
  if (held === 0) throw new Error(`Nobody replicates from ${victim.name} over its link: cutting it would break nothing.`);
  try {
    steps.did(`${victim.name} was cut off from its replicas (${held} connections).`);
    for (const link of links) link.cut();
    steps.saw(await primaryMoved(stage, victim));
    if (!isAlive(victim)) throw new Error(`${victim.name} ended while it was cut off: that is another fault.`);
    await sleep(forMs, undefined, { signal: stage.signal });
    steps.did(`${victim.name} is connected again.`);
  } finally {
    for (const link of links) link.mend();
  }
  return steps.damage();
};

/** Receivers that connect anew are cut off so soon, in milliseconds. */
const RENEW_CUT_MS = 100;

/**
 * One replica and the primary cannot reach each other; the other replica can.
 * @param forMs how long, in milliseconds
 */
export const replicaCutOff = (forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const [source, victim] = [await primary(stage), await replica(stage)];
  const links = linksBetween(stage, 'replicas', source.name);
  const cut = (): void => {
    const ports = ownPortsOf(victim.pid);
    for (const link of links) link.cut('both', ports);
  };
  const again = setInterval(cut, RENEW_CUT_MS);
  try {
    const startMs = stage.now();
    steps.did(`${victim.name} and ${source.name} were cut off from each other.`);
    cut();
    steps.saw(await primaryStayed(stage, source));
    steps.saw(`${victim.name} lacks ${await backlog(stage, victim.name, source.name)} transactions.`);
    await sleep(Math.max(0, startMs + forMs - stage.now()), undefined, { signal: stage.signal });
    steps.did('They are connected again.');
  } finally {
    clearInterval(again);
    for (const link of links) link.mend();
  }
  return steps.damage();
};

/** A replica is killed and its data folder deleted before it is started again. */
export const wiped: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const victim = await replica(stage);
  const before = await serverUuid(stage, victim.name);
  const supervisor = (await stage.stack.status(stage.signal)).pid;
  const { data } = memberFolder(join(stage.stack.dataDir, victim.name));
  // Else it would be started again in the middle of the deletion.
  signalProcess(supervisor, 'SIGSTOP');
  try {
    steps.did(`${victim.name} (pid ${victim.pid}) got SIGKILL, and ${data} was deleted.`);
    signalGroup(victim.pid, 'SIGKILL');
    await gone(victim, stage.signal);
    rmSync(data, { recursive: true });
  } finally {
    signalProcess(supervisor, 'SIGCONT');
  }
  steps.saw(await replaced(stage, victim));
  const after = await until({ what: `An answer of the new ${victim.name}`, boundMs: 20_000, signal: stage.signal }, () => serverUuid(stage, victim.name));
  if (after === before) throw new Error(`${victim.name} has its old server_uuid: its data folder was not deleted.`);
  steps.saw(`${victim.name} is another server now, ${after}.`);
  return steps.damage();
};

/** Somebody writes into a replica, past everything that keeps them from it. */
export const diverged: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const victim = await replica(stage);
  const before = await serverUuid(stage, victim.name);
  await withSql(stage.stack, victim.name, async (sql) => {
    steps.did(`A row was written into ${victim.name}.`);
    await sql.query('SET GLOBAL super_read_only = OFF');
    // Sorts after everything else: what is wrong with a page that shows it is not what this drill asks.
    await sql.query(`INSERT INTO ${DATABASE}.${TABLES.property} (address, sold_time) VALUES ('holdfast drill diverged', '2037-01-01')`);
    await sql.query('SET GLOBAL super_read_only = ON');
  });
  steps.saw(await reseeded(stage, victim.name, before));
  return steps.damage();
};

const RESEED_BOUND_MS = 60_000;

/** Waits until a member's data was replaced by a clone: then it has another server_uuid. */
export async function reseeded(stage: Stage, name: string, before: string): Promise<string> {
  const after = await until({ what: `The re-seed of ${name}`, boundMs: RESEED_BOUND_MS, everyMs: 250, signal: stage.signal }, async () => {
    const uuid = await serverUuid(stage, name);
    return uuid === before ? null : uuid;
  });
  return `${name} was re-seeded: its server_uuid is ${after}.`;
}

/** A member's server_uuid. @throws Error when it does not answer */
export async function serverUuid(stage: Stage, name: string): Promise<string> {
  return await withSql(stage.stack, name, async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>('SELECT @@server_uuid AS uuid');
    return String(rows[0]?.['uuid']);
  });
}

/**
 * Both replicas stop applying, though they receive, and the primary is killed once they are behind.
 * @param forMs how far behind they get, in milliseconds
 */
export const lagging = (forMs: number): Fault => async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const names = await replicaNames(stage);
  const sessions = await Promise.all(names.map((name) => stack.sql(name)));
  try {
    steps.did(`${names.join(' and ')} stopped applying: their table is locked.`);
    for (const sql of sessions) await sql.query(`LOCK TABLES ${DATABASE}.${TABLES.property} READ`);
    await sleep(forMs, undefined, { signal });
    const victim = await primary(stage);
    steps.saw(`The replicas lack ${(await Promise.all(names.map((name) => backlog(stage, name, victim.name)))).join(' and ')} transactions.`);
    const epoch = (await stack.status(signal)).operator?.epoch ?? 0;
    for (const sql of sessions) sql.destroy();
    steps.did(`They apply again, and ${victim.name} (pid ${victim.pid}) got SIGKILL.`);
    signalGroup(victim.pid, 'SIGKILL');
    steps.saw(await laterEpoch(stage, epoch));
    steps.saw(await replaced(stage, victim));
  } finally {
    for (const sql of sessions) sql.destroy();
  }
  return steps.damage();
};

const LATER_EPOCH_BOUND_MS = 60_000;

/** A primary of a later epoch: whoever had everything first, be it the victim itself, back after its kill. */
async function laterEpoch({ stack, signal }: Stage, epoch: number): Promise<string> {
  return await until({ what: `A primary of a later epoch than ${epoch}`, boundMs: LATER_EPOCH_BOUND_MS, signal }, async () => {
    const { operator } = await stack.status(signal);
    if (operator === null || operator.primary === null || (operator.epoch ?? 0) <= epoch) return null;
    return `${operator.primary} is the primary, epoch ${operator.epoch ?? '?'}.`;
  });
}

/** How many of the primary's transactions a replica has not applied. @throws Error when that is none: then it does not lag */
async function backlog({ stack }: Stage, name: string, source: string): Promise<number> {
  const executed = await Promise.all([source, name].map((member) => withSql(stack, member, async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>('SELECT @@global.gtid_executed AS executed');
    return transactionsIn(String(rows[0]?.['executed']));
  })));
  const missing = (executed[0] ?? 0) - (executed[1] ?? 0);
  if (missing <= 0) throw new Error(`${name} does not lag behind ${source}.`);
  return missing;
}

/** The number of transactions in a GTID set. */
export function transactionsIn(set: string): number {
  const ranges = set.replaceAll(/\s/g, '').split(',').flatMap((part) => part.split(':').slice(1)).filter((range) => /^\d+(-\d+)?$/.test(range));
  return ranges.reduce((sum, range) => {
    const [from = '0', to = from] = range.split('-');
    return sum + Number(to) - Number(from) + 1;
  }, 0);
}
