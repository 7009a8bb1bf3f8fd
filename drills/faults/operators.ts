import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { FENCED_HOST, USERS } from '../../common/names.ts';
import { membersText } from '../../common/members.ts';
import { membersFrom, pathsIn, portsFrom } from '../../local/stack/layout.ts';
import { isAlive, signalGroup } from '../../local/supervisor/identity.ts';
import { until } from '../stack/wait.ts';
import type { Fault, Stage } from './fault.ts';
import { Sequence } from './sequence.ts';
import { named, primary, primaryMoved, replaced, replicaNames } from './victim.ts';

const FENCE_BOUND_MS = 10_000;

/**
 * The primary is killed, and the operator stopped as soon as it has fenced the first member.
 * @param forMs how long it is stopped, in milliseconds, if nobody ends it before
 */
export const paused = (forMs: number): Fault => async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const operator = await named('operator')(stage);
  const victim = await primary(stage);
  const sessions = await Promise.all((await replicaNames(stage)).map((name) => stack.sql(name)));
  try {
    steps.did(`${victim.name} (pid ${victim.pid}) got SIGKILL.`);
    signalGroup(victim.pid, 'SIGKILL');
    await until({ what: 'A first fence', boundMs: FENCE_BOUND_MS, everyMs: 1, signal }, () => anyFenced(sessions));
    steps.did(`The operator (pid ${operator.pid}) was stopped after its first fence.`);
    signalGroup(operator.pid, 'SIGSTOP');
    await sleep(forMs, undefined, { signal });
    steps.did(isAlive(operator) ? 'It goes on.' : 'It would go on, and was ended long before.');
  } finally {
    signalGroup(operator.pid, 'SIGCONT');
    for (const sql of sessions) sql.destroy();
  }
  steps.saw(await primaryMoved(stage, victim));
  steps.saw(await replaced(stage, victim));
  return steps.damage();
};

/** The primary is killed, and the operator too as soon as it has fenced the first member; who is started in its place goes on. */
export const killedMidway: Fault = async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const [operator, victim] = [await named('operator')(stage), await primary(stage)];
  const sessions = await Promise.all((await replicaNames(stage)).map((name) => stack.sql(name)));
  try {
    steps.did(`${victim.name} (pid ${victim.pid}) got SIGKILL.`);
    signalGroup(victim.pid, 'SIGKILL');
    await until({ what: 'A first fence', boundMs: FENCE_BOUND_MS, everyMs: 1, signal }, () => anyFenced(sessions));
    steps.did(`The operator (pid ${operator.pid}) got SIGKILL after its first fence.`);
    signalGroup(operator.pid, 'SIGKILL');
  } finally {
    for (const sql of sessions) sql.destroy();
  }
  steps.saw(await replaced(stage, operator));
  steps.saw(await primaryMoved(stage, victim));
  steps.saw(await replaced(stage, victim));
  return steps.damage();
};

async function anyFenced(sessions: readonly Connection[]): Promise<true | null> {
  const hosts = await Promise.all(sessions.map(async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>("SELECT host FROM performance_schema.replication_connection_configuration WHERE channel_name = ''");
    return rows[0]?.['host'] as unknown;
  }));
  return hosts.includes(FENCED_HOST) ? true : null;
}

/** A second operator runs beside the first, and the primary is killed: there must be one promotion, not two. */
export const two: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const second = await startSecond(stage);
  try {
    steps.did('A second operator runs.');
    const victim = await primary(stage);
    const before = await epochOf(stage);
    steps.did(`${victim.name} (pid ${victim.pid}) got SIGKILL.`);
    signalGroup(victim.pid, 'SIGKILL');
    steps.saw(await primaryMoved(stage, victim));
    steps.saw(await replaced(stage, victim));
    if (second.exitCode !== null || second.signalCode !== null) throw new Error('The second operator has ended: there was only one.');
    const after = await epochOf(stage);
    if (after !== before + 1) throw new Error(`The epoch went from ${before} to ${after}: the operators promoted against each other.`);
    steps.saw(`The epoch went from ${before} to ${after}.`);
  } finally {
    second.kill('SIGTERM');
    if (second.exitCode === null && second.signalCode === null) await once(second, 'exit');
  }
  return steps.damage();
};

async function epochOf({ stack, signal }: Stage): Promise<number> {
  const epoch = (await stack.status(signal)).operator?.epoch ?? null;
  if (epoch === null) throw new Error('The operator does not say which epoch it is.');
  return epoch;
}

const SECOND_BOUND_MS = 10_000;

/** Starts an operator as the stack's own is started, under another name and on the port after its port. */
async function startSecond({ stack, signal }: Stage): Promise<ChildProcess> {
  const { basePort } = await stack.status(signal);
  const port = portsFrom(basePort).operator + 1;
  const log = openSync(pathsIn(stack.dataDir).log('operator-second'), 'a');
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../operator/main.ts')], {
    stdio: ['ignore', log, log],
    env: {
      ...process.env, NAME: 'operator-second', HOST: '127.0.0.1', OPERATOR_PORT: String(port), MYSQL_MEMBERS: membersText(membersFrom(basePort)),
      MYSQL_OPERATOR_PASSWORD: stack.password(USERS.operator), MYSQL_REPLICATION_PASSWORD: stack.password(USERS.replication),
      INITIALISED_MARK: pathsIn(stack.dataDir).initialisedMark,
    },
  });
  closeSync(log);
  try {
    await until({ what: 'An answer of the second operator', boundMs: SECOND_BOUND_MS, signal }, async () => ((await fetch(`http://127.0.0.1:${port}/status`, { signal })).ok ? true : null));
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}
