import './engine.ts';
import { ConfigError, environment } from '../common/config.ts';
import { type ServiceConfig, readServiceConfig } from './config.ts';
import { createLog } from './log.ts';
import { startService } from './service.ts';

/** Exit codes: settings that somebody must change, anything else. */
const EXIT = { settings: 78, failure: 1 } as const;

function settings(): ServiceConfig {
  try {
    return readServiceConfig(environment());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(EXIT.settings);
  }
}

const config = settings();
const log = createLog(config.name, config.logLevel);

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    log.fatal({ err: error }, 'The process met a defect and ends; whoever watches it starts it again');
    process.exit(EXIT.failure);
  });
}

try {
  const service = await startService(config, log);
  log.info({ port: service.port, metricsPort: service.metricsPort }, 'The service listens');
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      log.info({ signal }, 'The service stops');
      void service.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  log.fatal({ err: error }, 'The service could not start');
  process.exit(EXIT.failure);
}
