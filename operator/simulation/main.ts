import { parseArgs } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import { usageProblem, USAGE_EXIT } from '../../common/arguments.ts';
import { reportOf } from './history.ts';
import { simulateSeeds } from './pool.ts';
import type { Report } from './pool.ts';
import { seededSchedule } from './seeds.ts';
import { shrink } from './shrink.ts';
import type { Rule } from './checks.ts';

const USAGE = `npm run simulate -- [--seeds N] [--seed S] [--workers W] [--show]
  --seeds N    how many schedules, each from a seed of its own (1000)
  --seed S     the first seed (1)
  --workers W  threads (one per core)
  --show       tells the history of seed S, whatever came of it
`;
const BAR = 30;
/** Not more often is the progress shown, ms: on a terminal, and in a log. */
const [SHOW_MS, LOG_MS] = [250, 60_000];

interface Asked {
  readonly seeds: number;
  readonly seed: number;
  readonly workers: number | undefined;
  readonly show: boolean;
}

/** @returns undefined when only the help is wanted */
function asked(args: readonly string[]): Asked | undefined {
  const { values } = parseArgs({ args: [...args], options: { seeds: { type: 'string' }, seed: { type: 'string' }, workers: { type: 'string' }, show: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) return undefined;
  const whole = (name: string, text: string | undefined, fallback: number): number => {
    const number = Number(text ?? fallback);
    if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} must be a whole number from 1 up, not ${text ?? ''}.\n${USAGE}`);
    return number;
  };
  return { seeds: whole('seeds', values.seeds, 1000), seed: whole('seed', values.seed, 1), workers: values.workers === undefined ? undefined : whole('workers', values.workers, 1), show: values.show === true };
}

/** @returns what shows progress, with the rate so far */
function progressBar(count: number): (report: Report, isLast?: 'last') => void {
  const from = performance.now();
  let shown = -Infinity;
  return ({ done, simulatedMs, violations }, isLast) => {
    const now = performance.now();
    if (isLast === undefined && now - shown < (process.stdout.isTTY ? SHOW_MS : LOG_MS)) return;
    shown = now;
    const seconds = (now - from) / 1000;
    const filled = Math.round((done / count) * BAR);
    const text = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${done} of ${count} schedules, ${Math.round(done / seconds)} a second, ${(simulatedMs / 3_600_000).toFixed(1)} simulated hours, ${violations.length === 0 ? 'no violation' : `${violations.length} violations`}`;
    process.stdout.write(process.stdout.isTTY ? `\r${text}${isLast === undefined ? '' : '\n'}` : `${text}\n`);
  };
}

async function main(args: readonly string[]): Promise<number> {
  const wanted = asked(args);
  if (wanted === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { seeds, seed, workers, show } = wanted;
  if (show) return tell(seed, undefined);
  const progress = progressBar(seeds);
  const report = await simulateSeeds({ first: seed, count: seeds, ...(workers === undefined ? {} : { workers }), progress: (so) => progress(so), stopAtFirst: true });
  progress(report, 'last');
  const [found] = report.violations.toSorted((a, b) => a.seed - b.seed);
  if (found === undefined) return 0;
  process.stdout.write(`\nSeed ${found.seed} breaks a rule: ${found.rule}: ${found.message}\nThe smallest schedule that still does:\n\n`);
  return tell(found.seed, found.rule);
}

/** Shows the history of a seed, made as short as possible where a rule is broken. */
async function tell(seed: number, rule: Rule | undefined): Promise<number> {
  await turn();
  const told = Promise.withResolvers<string>();
  // Outside of any promise's callback, as the simulation must run.
  setImmediate(() => {
    try {
      told.resolve(reportOf(rule === undefined ? seededSchedule(seed) : shrink(seededSchedule(seed), rule)));
    } catch (error) {
      told.reject(error);
    }
  });
  process.stdout.write(`${await told.promise}\n`);
  return rule === undefined ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${usageProblem(error, 'npm run simulate') ?? (error as Error).message}\n`);
  process.exitCode = USAGE_EXIT;
}
