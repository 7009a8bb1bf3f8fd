import type { RawStatus } from '../observe/status.ts';
import type { Member } from './member.ts';
import type { Mysqld } from './mysqld.ts';

const DURABLE = { relayLogRecovery: 0, syncBinlog: 1, flushLog: 1, waitCount: 1, timeout: 315_360_000_000, waitPoint: 'AFTER_SYNC', waitNoReplica: 1, gtidMode: 'ON', logBin: 1, logReplicaUpdates: 1, skipReplicaStart: 1 } as const;
const STATES = { on: 'ON', connecting: 'CONNECTING', off: 'OFF' } as const;

/** Sessions in the middle of a commit, the applier's among them; one that was killed shows as that. */
function waiting({ hung, waitingForDisk }: Mysqld): number {
  return hung.length === 0 ? waitingForDisk.size : waitingForDisk.size + hung.filter(({ session }) => session?.killed !== true).length;
}

/** What the status statement shows of a member whose mysqld runs. */
export function statusOf(member: Member): RawStatus {
  const { disk, mysqld } = member;
  if (mysqld === undefined) throw new Error(`${member.name} does not run: it has no status.`);
  const { replication } = mysqld;
  const heard = replication.heardMs();
  return {
    serverUuid: disk.uuid, executed: disk.executed.text, purged: disk.purged.text,
    readOnly: Number(mysqld.readOnly), superReadOnly: Number(mysqld.superReadOnly), offline: Number(mysqld.offline), source: Number(mysqld.source), trace: mysqld.trace,
    waiting: mysqld.source ? waiting(mysqld) : 0,
    receiver: disk.source === undefined ? null : {
      state: STATES[replication.receiver], host: disk.source.host, port: disk.source.port, auto: disk.source.autoPosition ? '1' : '0', sourceUuid: replication.sourceUuid,
      received: disk.received.text, errorNumber: replication.receiverError.number, error: replication.receiverError.text, heartbeat: heard === undefined ? null : heard * 1000, queued: null,
    },
    applier: disk.source === undefined ? null : { running: replication.applier.running ? 'ON' : 'OFF', error: replication.applier.error },
    promise: disk.promise ?? null,
    row: disk.row ?? null,
    durable: mysqld.waitCount === DURABLE.waitCount && !member.isForgetful ? DURABLE : { ...DURABLE, relayLogRecovery: Number(member.isForgetful), waitCount: mysqld.waitCount },
  };
}
