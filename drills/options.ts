import { parseArgs } from 'node:util';
import { Problem } from '../local/programs/problem.ts';
import type { Scenario } from './scenario.ts';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'run'; readonly scenarios: readonly Scenario[]; readonly options: RunOptions };

/** How drills are run. */
export interface RunOptions {
  /** On the stack that runs already, instead of one of its own. */
  readonly here: boolean;
  /** Data folder of the stack that runs already. */
  readonly dataDir: string;
  /** How many times in a row. */
  readonly runs: number;
  /** Where the results go as JSON; null: nowhere. */
  readonly json: string | null;
}

const MAX_RUNS = 1000;

/** The text of `--help`. */
export const HELP = `Breaks a part of the stack under load and checks that nothing that was acknowledged is lost.

  npm run drill -- list              every drill with what it breaks
  npm run drill -- NAME…             run drills one after the other, on a stack of their own that is started for them
  npm run drill -- all               run every drill

  --here          on the stack that runs already; the drill's rows begin with "holdfast drill" and are removed afterwards
  --data DIR      the data folder of the stack that runs already (default .data)
  --runs K        each drill K times in a row, with medians
  --json FILE     write the results there too

Exit code 0: every drill kept its bounds. 1: one did not, or its fault did not happen.
`;

/**
 * Reads the command line.
 * @param args what follows `npm run drill --`
 * @param scenarios every drill there is
 * @throws Problem that says what is wrong with it
 */
export function parseCommand(args: readonly string[], scenarios: readonly Scenario[]): Command {
  const { values, positionals } = parsed(args);
  if (values.help === true || positionals.length === 0) return { kind: 'help' };
  if (positionals[0] === 'list') return { kind: 'list' };
  const names = positionals.includes('all') ? scenarios.map((one) => one.name) : positionals;
  const runs = Number(values.runs);
  if (!/^\d+$/.test(values.runs) || runs < 1 || runs > MAX_RUNS) throw new Problem(`--runs takes a whole number from 1 to ${MAX_RUNS}, not ${JSON.stringify(values.runs)}.`);
  const options = { here: values.here === true, dataDir: values.data, runs, json: values.json ?? null };
  return { kind: 'run', scenarios: names.map((name) => scenarioNamed(name, scenarios)), options };
}

function scenarioNamed(name: string, scenarios: readonly Scenario[]): Scenario {
  const found = scenarios.find((one) => one.name === name);
  if (found === undefined) throw new Problem(`There is no drill ${JSON.stringify(name)}: npm run drill -- list names them all.`);
  return found;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        help: { type: 'boolean' }, here: { type: 'boolean' }, data: { type: 'string', default: '.data' },
        runs: { type: 'string', default: '1' }, json: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Problem(`${(error as Error).message} See npm run drill -- --help.`, { cause: error });
  }
}
