import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RowDataPacket } from 'mysql2/promise';
import { argvOf } from '../../local/programs/program.ts';
import { findPrograms } from '../../local/programs/programs.ts';
import { memberFolder } from '../../local/mysql/folder.ts';
import { signalGroup } from '../../local/supervisor/identity.ts';
import { primaryOf, withSql } from '../stack/table.ts';
import { until } from '../stack/wait.ts';
import type { Fault, Stage } from './fault.ts';
import { reseeded, serverUuid, transactionsIn } from './members.ts';
import { Sequence } from './sequence.ts';
import { named, primary, primaryMoved, replaced, replicaNames, type Victim } from './victim.ts';

/** What becomes of a primary whose commits hang: it is killed, or stopped and let go on once another has its place. */
export type Fate = 'crashed' | 'thawed';

/** A thawed primary finds the other one serving for so long already. */
const THAW_AFTER_MS = 5000;
const HUNG_BOUND_MS = 5000;

/**
 * The primary gets transactions that no replica has, and loses its place: its replicas stop receiving, its commits hang,
 * and then it crashes or freezes. Afterwards `mysqlbinlog` must read every one of them in what was saved.
 */
export const errant = (fate: Fate): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const victim = await primary(stage);
  const uuid = await serverUuid(stage, victim.name);
  const before = await savedErrants(stage, victim.name);
  await hang(stage, victim, steps);
  steps.did(`${victim.name} (pid ${victim.pid}) got ${fate === 'crashed' ? 'SIGKILL' : 'SIGSTOP'}.`);
  await (fate === 'crashed' ? crashed(stage, victim, steps) : displaced(stage, victim, steps));
  steps.saw(await reseeded(stage, victim.name, uuid));
  const saved = await without(stage, await savedErrants(stage, victim.name), before);
  if (saved === '') throw new Error(`mysqlbinlog finds no transaction of ${victim.name} alone in what was saved: there was none, or it is lost.`);
  steps.saw(`mysqlbinlog reads ${transactionsIn(saved)} transactions that only ${victim.name} had: ${saved}.`);
  return steps.damage();
};

/** Stops the receivers with the operator out of the way, until a commit hangs. */
async function hang(stage: Stage, victim: Victim, steps: Sequence): Promise<void> {
  const operator = await named('operator')(stage);
  const names = await replicaNames(stage);
  signalGroup(operator.pid, 'SIGSTOP');
  try {
    steps.did(`${names.join(' and ')} stopped receiving, and the operator was stopped meanwhile.`);
    await Promise.all(names.map((name) => withSql(stage.stack, name, (sql) => sql.query("STOP REPLICA IO_THREAD FOR CHANNEL ''"))));
    await withSql(stage.stack, victim.name, async (sql) => {
      await until({ what: `A hung commit on ${victim.name}`, boundMs: HUNG_BOUND_MS, everyMs: 5, signal: stage.signal }, async () => {
        const [rows] = await sql.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_wait_sessions'");
        return Number(rows[0]?.['Value']) > 0 ? true : null;
      });
    });
    steps.saw(`Commits hang on ${victim.name}.`);
  } finally {
    signalGroup(operator.pid, 'SIGCONT');
  }
}

/** Kills a primary. */
async function crashed(stage: Stage, victim: Victim, steps: Sequence): Promise<void> {
  signalGroup(victim.pid, 'SIGKILL');
  steps.saw(await primaryMoved(stage, victim));
  steps.saw(await replaced(stage, victim));
}

/** Freezes a primary until another has had its place for a while. */
async function displaced(stage: Stage, victim: Victim, steps: Sequence): Promise<void> {
  signalGroup(victim.pid, 'SIGSTOP');
  try {
    steps.saw(await primaryMoved(stage, victim));
    await sleep(THAW_AFTER_MS, undefined, { signal: stage.signal });
    steps.did(`${victim.name} goes on.`);
  } finally {
    signalGroup(victim.pid, 'SIGCONT');
  }
}

/** The GTID set of what stands in a member's saved binlogs, as `mysqlbinlog` reads it, and was not executed by the primary. */
async function savedErrants(stage: Stage, name: string): Promise<string> {
  const { binlogsKept } = memberFolder(join(stage.stack.dataDir, name));
  const entries = existsSync(binlogsKept) ? readdirSync(binlogsKept, { recursive: true, withFileTypes: true }) : [];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) return '';
  const { mysqlbinlog } = await findPrograms({ cacheDir: '.cache', report: () => undefined, signal: stage.signal });
  const executed = await without(stage, '@@global.gtid_executed', '');
  const [program = '', ...args] = argvOf(mysqlbinlog, ['--no-defaults', '--base64-output=decode-rows', '-v', `--exclude-gtids=${executed}`, ...files]);
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...mysqlbinlog.env }, maxBuffer: 512 * 1024 * 1024, signal: stage.signal });
  // The newest of the files may have grown since the primary was asked.
  return await without(stage, gtidsIn(stdout).join(','), '@@global.gtid_executed');
}

/** What a GTID set has that another has not, reckoned on the primary; either may be a set's text or the primary's own set. */
async function without(stage: Stage, set: string, other: string): Promise<string> {
  const own = '@@global.gtid_executed';
  const term = (one: string): string => (one === own ? own : '?');
  return await withSql(stage.stack, await primaryOf(stage.stack, stage.signal), async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>(`SELECT GTID_SUBTRACT(${term(set)}, ${term(other)}) AS gtids`, [set, other].filter((one) => one !== own));
    return String(rows[0]?.['gtids']).replaceAll(/\s/g, '');
  });
}

/** The GTIDs of the transactions in what `mysqlbinlog` prints. */
export const gtidsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^SET @@SESSION\.GTID_NEXT=\s*'([0-9a-f-]{36}:\d+)'/gm)].map((match) => match[1] ?? '');
