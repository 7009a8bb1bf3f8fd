import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { ConfigError, environment } from '../common/config.ts';
import { operatorConfig } from './config.ts';
import type { OperatorConfig } from './config.ts';
import type { Host } from './host.ts';
import { localHost } from './local/host.ts';
import { CLOCK, startOperator } from './operator.ts';

/** How long a change of the primary that is owed may take before the operator stops all the same, and how long stopping may take, ms. */
const [OWED_MS, STOP_MS] = [10_000, 5000];

async function main(config: OperatorConfig): Promise<void> {
  const log = pino({ name: config.name, level: config.logLevel });
  const host = await hostOf(config, log);
  const operator = startOperator({ name: config.name, coldStartMs: config.coldStartMs, host, log });
  operator.server.listen(config.port, config.host);
  await once(operator.server, 'listening');
  log.info({ port: config.port, members: config.members.map(({ name }) => name) }, 'operator started');
  const signal = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  log.info({ signal: signal[0] as unknown }, 'operator stops');
  if (config.platform === 'kubernetes') await operator.settle(OWED_MS);
  await Promise.race([operator.stop().then(host.close), sleep(STOP_MS)]);
}

/** What only one platform needs is loaded only there: Kubernetes' client alone is larger than the operator. */
async function hostOf(config: OperatorConfig, log: Logger): Promise<Host> {
  const passwords = { operator: config.operatorPassword, replication: config.replicationPassword };
  if (config.platform === 'local') return localHost({ members: config.members, mark: config.initialisedMark }, passwords);
  const { openKubernetes } = await import('./kubernetes/host.ts');
  return openKubernetes({ namespace: config.namespace, pod: { name: config.podName, uid: config.podUid }, members: config.members, passwords, clock: CLOCK, log });
}

try {
  await main(operatorConfig(environment()));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
