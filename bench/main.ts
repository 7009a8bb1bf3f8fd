import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { USAGE_EXIT } from '../common/arguments.ts';
import { makeOutDir, reasonOf, stampNow } from '../common/reports.ts';
import { Problem } from '../local/programs/problem.ts';
import { Bed } from './bed/bed.ts';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import type { CaseResult } from './measure/row.ts';
import { HELP, parseCommand, UsageError, type BenchOptions } from './options.ts';
import { chart } from './report/chart.ts';
import { ProgressBar } from './report/progress.ts';
import { table } from './report/table.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(text);

/** Runs what the command line asks for. @returns the exit code */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseCommand(args, CASES);
  if (command.kind === 'run') return await measured(command.cases, command.options, signal);
  print(command.kind === 'help' ? HELP : CASES.map(({ name, says }) => `${name.padEnd(width())}  ${says}\n`).join(''));
  return 0;
}

const width = (): number => Math.max(...CASES.map(({ name }) => name.length));

async function measured(cases: readonly Case[], options: BenchOptions, signal: AbortSignal): Promise<number> {
  makeOutDir(options.outDir, UsageError);
  const progress = new ProgressBar(process.stderr, cases.length);
  const bed = await Bed.create(signal, (text) => progress.step(text));
  try {
    const load = await bed.loadGenerator(options.load);
    const context = { bed, load, options, signal, pairs: options.pairs, seconds: options.seconds, step: (text: string) => progress.step(text) };
    const results: CaseResult[] = [];
    try {
      for (const one of cases) {
        progress.begin(one.name);
        results.push(await resultOf(one, () => one.run(context), signal));
        progress.end();
      }
    } finally {
      progress.clear();
      // Also of a measurement that was interrupted: what was measured was measured.
      if (results.length > 0) report(results, options, load.title);
    }
    return results.some(({ broken }) => broken !== undefined) ? 1 : 0;
  } finally {
    progress.clear();
    await bed.end();
  }
}

async function resultOf({ name, says }: Case, run: () => ReturnType<Case['run']>, signal: AbortSignal): Promise<CaseResult> {
  try {
    return { name, says, rows: await run() };
  } catch (error) {
    signal.throwIfAborted();
    return { name, says, rows: [], broken: reasonOf(error) };
  }
}

function report(results: readonly CaseResult[], { outDir, pairs, seconds }: BenchOptions, load: string): void {
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`;
  const how = `${machine}, load by ${load} on the same cores, medians of ${pairs} pairs of ${seconds} s`;
  print(`On ${how}.\n\n${table(results)}`);
  const file = join(outDir, stampNow());
  writeFileSync(`${file}.json`, `${JSON.stringify({ machine, load, pairs, seconds, node: process.version, results }, undefined, 2)}\n`);
  writeFileSync(`${file}.svg`, chart(results, how));
  print(`\n${file}.json and ${file}.svg have these figures.\n`);
}

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => interrupted.abort(new Problem('The measurement was interrupted, and all that it had started is ended.')));
}

try {
  process.exitCode = await main(process.argv.slice(2), interrupted.signal);
} catch (error) {
  if (error instanceof UsageError || error instanceof Problem) say(error.message);
  else say(`The measurement failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = error instanceof UsageError ? USAGE_EXIT : 1;
}
