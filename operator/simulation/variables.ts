import type { Mysqld } from './mysqld.ts';
import { OK } from './server.ts';
import type { Done, Handler } from './server.ts';
import { ModelError } from './world.ts';

const ER_LOCK_WAIT_TIMEOUT = { errno: 1205, message: 'Lock wait timeout exceeded; try restarting transaction' };

/** What nothing in the model depends on: its members have them as they should be. */
const IGNORED = new Set(['clone_valid_donor_list', 'sync_binlog', 'innodb_flush_log_at_trx_commit', 'rpl_semi_sync_source_wait_no_replica', 'rpl_semi_sync_source_wait_point', 'rpl_semi_sync_source_timeout', 'rpl_semi_sync_replica_enabled']);

/** SET GLOBAL of one variable or several. super_read_only waits for commits that hang, and reads 1 meanwhile. */
export const setGlobal: Handler = (mysqld, session, { sql, done }) => {
  if (/super_read_only = ON/.test(sql)) {
    becomeReadOnly(mysqld, session.lockWaitMs, (outcome) => done(outcome));
    return;
  }
  if (/GLOBAL read_only = ON/.test(sql) && !mysqld.readOnly && mysqld.hung.length > 0) {
    // It waits as super_read_only does, and a KILL ends it.
    const { running } = session;
    let over = false;
    if (running !== undefined) running.interrupt = (outcome) => { over = true; done(outcome); };
    mysqld.when(() => over || mysqld.hung.length === 0, () => { if (!over) assignAll(mysqld, sql, done); });
    return;
  }
  assignAll(mysqld, sql, done);
};

function assignAll(mysqld: Mysqld, sql: string, done: Done): void {
  for (const [, name = '', value = ''] of sql.matchAll(/(?:GLOBAL )?(\w+) = ('[^']*'|\w+|\?)/g)) assign(mysqld, name, value);
  mysqld.world.history?.note(mysqld.member.name, sql.replaceAll('SET GLOBAL ', '').replaceAll('GLOBAL ', '').toLowerCase());
  mysqld.settleWaiters();
  mysqld.world.checks.changed(mysqld.member);
  done(OK);
}

function assign(mysqld: Mysqld, name: string, value: string): void {
  switch (name) {
    case 'read_only':
      mysqld.readOnly = value === 'ON';
      if (!mysqld.readOnly) mysqld.superReadOnly = false;
      return;
    case 'super_read_only':
      mysqld.superReadOnly = false;
      return;
    case 'offline_mode':
      mysqld.offline = value === 'ON';
      if (mysqld.offline) mysqld.closeOffline();
      else mysqld.world.checks.letIn(mysqld.member);
      return;
    case 'rpl_semi_sync_source_enabled':
      mysqld.source = value === 'ON';
      mysqld.release();
      return;
    case 'rpl_semi_sync_source_wait_for_replica_count':
      mysqld.waitCount = Number(value);
      return;
    case 'rpl_semi_sync_replica_trace_level':
      mysqld.trace = Number(value);
      return;
    default:
      if (!IGNORED.has(name)) throw new ModelError(`The simulated mysqld has no variable ${name}: teach it to operator/simulation/variables.ts.`);
  }
}

function becomeReadOnly(mysqld: Mysqld, waitMs: number, done: (outcome: typeof OK | typeof ER_LOCK_WAIT_TIMEOUT) => void): void {
  const { world, member } = mysqld;
  const before = mysqld.readOnly;
  let over = false;
  mysqld.superReadOnly = true;
  const isFree = (): boolean => over || (mysqld.hung.length === 0 && mysqld.waitingForDisk.size === 0);
  mysqld.when(isFree, () => {
    if (over) return;
    over = true;
    mysqld.readOnly = mysqld.superReadOnly = true;
    world.history?.note(member.name, 'super_read_only = on');
    world.checks.changed(member);
    done(OK);
  });
  if (over) return;
  world.history?.note(member.name, 'super_read_only = on waits for commits that hang');
  world.timeline.after(waitMs, () => {
    if (over) return;
    over = true;
    mysqld.superReadOnly = false;
    mysqld.readOnly = before;
    mysqld.settleWaiters();
    done(ER_LOCK_WAIT_TIMEOUT);
  }, mysqld.process);
}
