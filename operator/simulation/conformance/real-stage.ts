import { DATABASE, USERS } from '../../../common/names.ts';
import { assemble } from '../../assemble.ts';
import { openSession } from '../../mysql/session.ts';
import type { Session } from '../../mysql/session.ts';
import { STATUS_STATEMENT, STATUS_STATEMENT_WITHOUT_ROW } from '../../observe/status.ts';
import type { RawStatus } from '../../observe/status.ts';
import { CLOCK } from '../../operator.ts';
import { NO_NOTICE } from '../../ports.ts';
import { startCluster } from '../../testing/cluster.ts';
import type { TestCluster } from '../../testing/cluster.ts';
import { NO_TALLY } from '../operators.ts';
import { PASSWORD } from './commands.ts';
import type { Stage } from './stage.ts';

const STATUS_MS = 1000;

/** Three real members. */
export interface RealStage extends Stage {
  readonly makeTable: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts them, empty and closed. */
export async function startRealStage(): Promise<RealStage> {
  const cluster = await startCluster();
  const { members, passwords } = cluster;
  PASSWORD.service = passwords['service'] ?? '';
  const login = { user: USERS.operator, password: passwords['operator'] ?? '' };
  const { crew } = assemble({
    platform: { members, initialised: () => true, markInitialised: () => Promise.resolve(), mayTakeLocks: () => Promise.resolve(false), yields: () => false, notice: () => NO_NOTICE },
    login, replicationPassword: passwords['replication'] ?? '', clock: CLOCK, coldStartMs: 60_000, tally: NO_TALLY, open: openSession, listen: () => undefined,
  });
  const waiting: Session[] = [];
  const probes = new Map<number, Session>();
  const status = async (index: number): Promise<RawStatus | undefined> => {
    try {
      const session = probes.get(index)?.alive === true ? probes.get(index) : await openSession({ member: memberOf(cluster, index), login, via: 'admin', deadlineMs: STATUS_MS });
      if (session === undefined) return undefined;
      probes.set(index, session);
      const rows = await session.query(STATUS_STATEMENT, STATUS_MS).catch(() => session.query(STATUS_STATEMENT_WITHOUT_ROW, STATUS_MS));
      return rows[0]?.['status'] as RawStatus;
    } catch {
      probes.get(index)?.end();
      probes.delete(index);
      return undefined;
    }
  };
  const makeTable = async (): Promise<void> => {
    const connection = await memberOf(cluster, 0).connect('operator');
    await connection.query(`CREATE TABLE ${DATABASE}.conformance (value VARCHAR(64) NOT NULL PRIMARY KEY)`);
    await connection.end();
  };
  const stop = async (): Promise<void> => {
    crew.locks.close();
    for (const session of [...waiting, ...probes.values()]) session.end();
    await cluster.stop();
  };
  return {
    crew, open: openSession, writeStatement: `INSERT INTO ${DATABASE}.conformance (value) VALUES (?)`, waiting, status, makeTable, stop,
    kill: (index) => memberOf(cluster, index).kill('SIGKILL'), freeze: (index) => memberOf(cluster, index).freeze(), thaw: (index) => memberOf(cluster, index).thaw(),
  };
}

function memberOf({ members }: TestCluster, index: number): TestCluster['members'][number] {
  const member = members[index];
  if (member === undefined) throw new Error(`There is no member ${index}.`);
  return member;
}
