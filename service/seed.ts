import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { usageProblem, USAGE_EXIT } from '../common/arguments.ts';
import { integer } from '../common/config.ts';
import { DATABASE, USERS } from '../common/names.ts';
import { createLog } from './log.ts';
import { BATCH, insertBatch } from './seed/insert.ts';
import { progress } from './seed/progress.ts';
import { seedRow } from './seed/rows.ts';
import { findDestination } from './seed/where.ts';
import { MemberTopology, watched } from './topology/topology.ts';

const HELP = `Usage: npm run seed -- --rows N [--seed S] [--data DIR]

Adds N plausible properties to the running stack, in bulk. The same S gives the same properties; a second run adds them again.

  --rows N    how many, 1 to 10000000
  --seed S    which ones, 0 to 4294967295; default 1
  --data DIR  the stack's data folder; default .data in the checkout

Where MYSQL_MEMBERS and MYSQL_SERVICE_PASSWORD are set, it adds them there.
`;

interface Wishes {
  readonly rows: number;
  readonly seed: number;
  readonly dataDir: string;
}

/** @throws Error that says what is wrong */
function readWishes(args: readonly string[]): Wishes | undefined {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string' }, seed: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) return undefined;
  if (values.rows === undefined) throw new Error('--rows N is needed: how many properties to add');
  const number = (name: string, text: string, range: { min: number; max: number }): number => {
    try {
      return integer(range)(text);
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}, not ${text}`, { cause: error });
    }
  };
  return {
    rows: number('--rows', values.rows, { min: 1, max: 10_000_000 }),
    seed: number('--seed', values.seed ?? '1', { min: 0, max: 4_294_967_295 }),
    dataDir: values.data === undefined ? join(import.meta.dirname, '../.data') : resolve(process.env['INIT_CWD'] ?? '.', values.data),
  };
}

/** Milliseconds that it waits for a primary before the first row, and for each batch later. */
const PATIENCE_MS = 60_000;

async function seed({ rows, seed, dataDir }: Wishes): Promise<void> {
  const { members, password } = await findDestination(dataDir, process.env);
  const topology = new MemberTopology({
    members: members.map((member) => watched({ member, user: USERS.service, password, database: DATABASE }, 2)),
    log: createLog('seed', 'silent'), now: () => performance.now(), random: Math.random,
  });
  topology.start();
  const shown = progress(rows, process.stdout, () => performance.now());
  const run = randomUUID();
  let done = 0;
  try {
    for (let number = 0; done < rows; number += 1) {
      const batch = Array.from({ length: Math.min(BATCH, rows - done) }, (_, index) => seedRow(seed, done + index));
      await insertBatch(topology, { run, number, rows: batch }, AbortSignal.timeout(PATIENCE_MS));
      done += batch.length;
      shown.at(done);
    }
  } finally {
    shown.end(done);
    await topology.stop();
  }
}

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  let wishes: Wishes | undefined;
  try {
    wishes = readWishes(args);
  } catch (error) {
    process.stderr.write(`${usageProblem(error, 'npm run seed') ?? (error as Error).message}\n`);
    return USAGE_EXIT;
  }
  if (wishes === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    await seed(wishes);
    return 0;
  } catch (error) {
    const { message, name } = error as Error;
    process.stderr.write(`${name === 'TimeoutError' ? `No primary took rows for ${PATIENCE_MS / 1000} s: see npm run status, and try again` : message}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
