import { run } from './run.ts';
import type { Outcome } from './run.ts';
import type { Schedule } from './schedule.ts';
import { describeFault } from './schedule.ts';

/** Lines of a history that are shown at most; the last ones matter. */
const SHOWN = 120;

/** Runs a schedule and tells what happened in readable lines. */
export function historyOf(schedule: Schedule): { readonly outcome: Outcome; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const outcome = run(schedule, (at, who, what) => lines.push(`${(at / 1000).toFixed(3).padStart(8)} s  ${who.padEnd(10)}  ${what}`));
  const cut = lines.length > SHOWN ? [`            … ${lines.length - SHOWN} lines before`, ...lines.slice(-SHOWN)] : lines;
  return { outcome, lines: cut };
}

/** Everything a person needs to see what went wrong. */
export function reportOf(schedule: Schedule): string {
  const { outcome, lines } = historyOf(schedule);
  const { violation } = outcome;
  return [
    `${schedule.operators} operators, ${schedule.lease ? 'a lease' : 'no lease'}, ${schedule.load.writers} writers, seed ${schedule.seed} for all times; faults:`,
    ...schedule.faults.map((fault) => `  ${describeFault(fault)}`),
    '',
    ...lines,
    '',
    violation === undefined ? 'No rule is broken.' : `Broken at ${(violation.at / 1000).toFixed(3)} s: ${violation.rule}: ${violation.message}`,
    '',
    `As a test: ${JSON.stringify(schedule)}`,
  ].join('\n');
}
