import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePorts } from '../../local/testing/ports.ts';
import type { TestCluster } from './cluster.ts';
import { eventually } from './cluster.ts';

/** An operator as a process of its own, for killing and stopping. */
export interface OperatorProcess {
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT') => void;
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>;
  /** Its `GET /status`; undefined while it does not answer. */
  readonly status: () => Promise<OperatorStatus | undefined>;
}

/** What tests read of `GET /status`. */
export interface OperatorStatus {
  readonly acting: boolean;
  readonly primary: string | null;
  readonly epoch: number;
  readonly situation: string;
  readonly events: readonly { readonly text: string }[];
}

/** Starts `operator/main.ts` and waits until it answers. It ends with the cluster, whatever state it is in. */
export async function spawnOperator({ members, passwords, mark, over }: TestCluster, name: string): Promise<OperatorProcess> {
  const [port = 0] = await freePorts(1);
  const list = members.map((member) => `${member.name}=${member.host}:${member.port}/${member.adminPort}`).join(',');
  const env = {
    ...process.env, NAME: name, OPERATOR_PORT: String(port), MYSQL_MEMBERS: list, INITIALISED_MARK: mark, LOG_LEVEL: 'silent',
    MYSQL_OPERATOR_PASSWORD: passwords['operator'], MYSQL_REPLICATION_PASSWORD: passwords['replication'],
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const leave = (): void => void child.kill('SIGKILL');
  process.once('exit', leave);
  // A test that fails leaves it running, or stopped: it would keep the test's process alive.
  over.addEventListener('abort', leave);
  const ended = once(child, 'exit').then(() => process.removeListener('exit', leave));
  const status = async (): Promise<OperatorStatus | undefined> => {
    const response = await fetch(`http://127.0.0.1:${port}/status`, { signal: AbortSignal.timeout(500) }).catch(() => undefined);
    return response?.ok === true ? ((await response.json()) as OperatorStatus) : undefined;
  };
  await eventually(`${name} to answer`, async () => (await status()) !== undefined);
  return { kill: (signal) => void child.kill(signal), ended, status };
}
