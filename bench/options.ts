import { parseArgs } from 'node:util';
import { usageProblem } from '../common/arguments.ts';

/** A command line that cannot be used; the message says why. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What the command line asks for. */
export type Command<C extends Named> =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'run'; readonly cases: readonly C[]; readonly options: BenchOptions };

/** What a list shows of a case. */
export interface Named {
  readonly name: string;
  readonly says: string;
}

/** How cases are run. */
export interface BenchOptions {
  /** How often each figure is measured; medians of so many count. */
  readonly pairs: number;
  /** Seconds of each single load. */
  readonly seconds: number;
  /** Of data, for the case that wants much. */
  readonly gigabytes: number;
  /** Which program makes the load; `auto`: wrk where it can be had. */
  readonly load: 'auto' | 'wrk' | 'autocannon';
  /** Folder for the results. */
  readonly outDir: string;
}

/** Where results go; git ignores it. */
export const DEFAULT_OUT = 'bench/results';

export const HELP = `Measures what the stack costs, beside its limits, on this machine.

  npm run bench                  every case, one after the other
  npm run bench -- NAME…         these cases
  npm run bench -- list          every case with what it compares

It starts what it needs on free ports, in a temporary folder, and ends all of it; a stack that runs already is left alone, but takes
part of the machine: stop it first. Each case and its limit are measured in turns, in the same minutes; what counts is the median of the pairs.

  --pairs N       pairs of each, 1 to 100; default 3
  --seconds N     of each single load, 1 to 600; default 5
  --gigabytes N   of data for the case "data", 0.1 to 100; default 1
  --load NAME     wrk or autocannon; default wrk where it can be had, else autocannon
  --out DIR       folder for the results, as JSON and as a chart (SVG); default ${DEFAULT_OUT}

Exit code 0: every figure was measured, whether it keeps its target or not. 1: a case could not be measured. 2: a wrong command line.
`;

/**
 * Reads the command line.
 * @param args what follows `npm run bench --`
 * @param all every case there is
 * @throws UsageError
 */
export function parseCommand<C extends Named>(args: readonly string[], all: readonly C[]): Command<C> {
  const { values, positionals } = parsed(args);
  if (values.help === true) return { kind: 'help' };
  const { load } = values;
  if (load !== 'auto' && load !== 'wrk' && load !== 'autocannon') throw new UsageError(`--load takes wrk or autocannon, not ${JSON.stringify(load)}.`);
  const pairs = within('--pairs', values.pairs, { least: 1, most: 100 });
  if (!Number.isInteger(pairs)) throw new UsageError(`--pairs takes a whole number, not ${values.pairs}.`);
  const seconds = within('--seconds', values.seconds, { least: 1, most: 600 });
  if (!Number.isInteger(seconds)) throw new UsageError(`--seconds takes a whole number, not ${values.seconds}.`);
  const gigabytes = within('--gigabytes', values.gigabytes, { least: 0.1, most: 100 });
  if (positionals.includes('list')) return { kind: 'list' };
  return { kind: 'run', cases: chosen(positionals, all), options: { pairs, seconds, gigabytes, load, outDir: values.out } };
}

function within(name: string, text: string, { least, most }: { readonly least: number; readonly most: number }): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`${name} takes a number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
  return value;
}

function chosen<C extends Named>(names: readonly string[], all: readonly C[]): readonly C[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new UsageError(`There is no case ${JSON.stringify(name)}: npm run bench -- list names them all.`);
    return found;
  });
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        help: { type: 'boolean' }, pairs: { type: 'string', default: '3' }, seconds: { type: 'string', default: '5' },
        gigabytes: { type: 'string', default: '1' }, load: { type: 'string', default: 'auto' }, out: { type: 'string', default: DEFAULT_OUT },
      },
    });
  } catch (error) {
    throw new UsageError(usageProblem(error, 'npm run bench') ?? (error as Error).message, { cause: error });
  }
}
