import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { ConfigError, environment } from '../common/config.ts';
import { operatorConfig } from './config.ts';
import type { OperatorConfig } from './config.ts';
import { startOperator } from './operator.ts';

/** How long stopping may take, ms. */
const STOP_MS = 5000;

async function main(config: OperatorConfig): Promise<void> {
  const log = pino({ name: config.name, level: config.logLevel });
  const operator = startOperator(config, log);
  operator.server.listen(config.port, config.host);
  await once(operator.server, 'listening');
  log.info({ port: config.port, members: config.members.map(({ name }) => name) }, 'operator started');
  const signal = await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  log.info({ signal: signal[0] as unknown }, 'operator stops');
  await Promise.race([operator.stop(), sleep(STOP_MS)]);
}

try {
  await main(operatorConfig(environment()));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
