import { join, resolve } from 'node:path';
import { usageProblem } from '../common/arguments.ts';
import { ConfigError } from '../common/config.ts';
import { endWithReader, EXIT, print, UsageError } from './commands/command.ts';
import type { Command } from './commands/command.ts';
import { failoverCommand } from './commands/failover.ts';
import { footprintCommand } from './commands/footprint.ts';
import { logsCommand } from './commands/logs.ts';
import { mysqlCommand } from './commands/mysql.ts';
import { operatorCommand } from './commands/operator.ts';
import { resetCommand } from './commands/reset.ts';
import { NotRunningError } from './commands/running.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { switchoverCommand } from './commands/switchover.ts';
import { Problem } from './programs/problem.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  stop: stopCommand,
  status: statusCommand,
  logs: logsCommand,
  reset: resetCommand,
  mysql: mysqlCommand,
  footprint: footprintCommand,
  switchover: switchoverCommand,
  operator: operatorCommand,
  failover: failoverCommand,
};

/** The data folder when none is named: in the checkout. */
const DEFAULT_DATA_DIR = join(import.meta.dirname, '../.data');

function help(): string {
  const rows = Object.entries(COMMANDS).map(([name, { usage, summary }]) => [`${name} ${usage}`.trim(), summary] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    'Usage: npm run COMMAND [-- ARGUMENTS] (npm start and npm stop need no run)',
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    '',
    '  --data DIR  the data folder; default .data in the checkout',
    '',
    'Settings, from the environment or .env: PORT (8000), HOLDFAST_BASE_PORT (18000), EDGE_CACHE_SECONDS (1).',
  ].join('\n');
}

/** Takes `--data DIR` or `--data=DIR` out of the arguments; all behind `--` are another program's. */
function takeDataDir(all: readonly string[]): { readonly dataDir: string; readonly args: readonly string[] } {
  const own = all.includes('--') ? all.slice(0, all.indexOf('--')) : all;
  const at = own.findIndex((arg) => arg === '--data' || arg.startsWith('--data='));
  if (at < 0) return { dataDir: DEFAULT_DATA_DIR, args: all };
  const isTwo = all[at] === '--data';
  const given = isTwo ? own[at + 1] : own[at]?.slice('--data='.length);
  if (given === undefined || given === '') throw new UsageError('--data needs a folder');
  if (own.toSpliced(at, isTwo ? 2 : 1).some((arg) => arg === '--data' || arg.startsWith('--data='))) throw new UsageError('--data is given twice');
  // npm changes into the checkout; people mean the folder that they are in.
  return { dataDir: resolve(process.env['INIT_CWD'] ?? '.', given), args: all.toSpliced(at, isTwo ? 2 : 1) };
}

/** Options that npm takes for its own when no `--` stands before them, and what they mean here. */
const TAKEN_BY_NPM: Readonly<Record<string, { readonly variable: string; readonly option: string }>> = {
  status: { variable: 'npm_config_json', option: '--json' },
  logs: { variable: 'npm_config_force', option: '--follow' },
  failover: { variable: 'npm_config_accept_loss', option: '--accept-loss' },
};

/**
 * Gives a command the options that npm kept for itself, as in `npm run logs web-0 -f`.
 * @throws UsageError for --data: npm loses its folder, and the command would use another one
 */
function withTakenByNpm(name: string, args: readonly string[]): readonly string[] {
  if (process.env['npm_lifecycle_event'] !== name) return args;
  if (process.env['npm_config_data'] !== undefined) throw new UsageError('npm kept --data for itself; it goes behind --, as in npm start -- --data DIR');
  const taken = TAKEN_BY_NPM[name];
  return taken !== undefined && process.env[taken.variable] === 'true' ? [...args, taken.option] : args;
}

async function main([name = '', ...rest]: readonly string[]): Promise<number> {
  if (['--help', '-h', 'help', ''].includes(name) || (rest.includes('--help') && !rest.includes('--'))) {
    print(help());
    return name === '' ? EXIT.usage : EXIT.ok;
  }
  const command = COMMANDS[name];
  if (command === undefined) throw new UsageError(`There is no command ${name}`);
  // A stack goes on when nobody reads what it says.
  if (command !== startCommand) endWithReader();
  return command.run(takeDataDir(withTakenByNpm(name, rest)));
}

/** What to tell of an error, and the exit code. */
function told(error: unknown): readonly [string, number] {
  if (error instanceof UsageError) return [`${error.message}: see npm run status -- --help.`, EXIT.usage];
  if (error instanceof ConfigError) return [error.message, EXIT.usage];
  if (error instanceof NotRunningError) return [error.message, EXIT.notRunning];
  if (error instanceof Problem) return [error.message, EXIT.failed];
  const usage = usageProblem(error, 'npm run status');
  if (usage !== undefined) return [usage, EXIT.usage];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT.failed];
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const [text, code] = told(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}
