import type { Rule } from './checks.ts';
import { run } from './run.ts';
import type { Fault, Schedule } from './schedule.ts';

/** How often at most a schedule is tried while it is made smaller. */
const TRIES = 400;

/**
 * Makes a schedule that breaks a rule smaller while it still breaks the same one: fewer faults, one operator, no lease,
 * fewer writes, shorter and plainer faults.
 */
export function shrink(schedule: Schedule, rule: Rule): Schedule {
  let [best, tries] = [schedule, 0];
  for (let smaller: Schedule | undefined = best; smaller !== undefined && tries < TRIES; ) {
    smaller = undefined;
    for (const candidate of candidates(best)) {
      tries += 1;
      if (breaks(candidate, rule)) {
        best = smaller = candidate;
        break;
      }
      if (tries >= TRIES) break;
    }
  }
  return best;
}

const breaks = (schedule: Schedule, rule: Rule): boolean => run(schedule).violation?.rule === rule;

/** All that is one step smaller, the biggest steps first. */
function candidates(schedule: Schedule): readonly Schedule[] {
  const { faults, operators, lease, load } = schedule;
  const without = faults.map((_, index) => ({ ...schedule, faults: faults.toSpliced(index, 1) }));
  const plainer: Schedule[] = [
    ...(operators === 2 ? [{ ...schedule, operators: 1 } as const] : []),
    ...(lease ? [{ ...schedule, lease: false }] : []),
    ...(load.writers > 1 ? [{ ...schedule, load: { ...load, writers: 1 } }] : []),
    ...(load.pauseMs < 1000 ? [{ ...schedule, load: { ...load, pauseMs: Math.round(load.pauseMs * 2) } }] : []),
  ];
  const milder = faults.flatMap((fault, index) => milderOnes(fault).map((one) => ({ ...schedule, faults: faults.with(index, one) })));
  return [...without, ...plainer, ...milder];
}

/** Rounds and halves times. A fault never gets longer, so this ends. */
function milderOnes(fault: Fault): readonly Fault[] {
  const rounded = Math.floor(fault.at / 1000) * 1000;
  return [
    ...(fault.forMs > 200 ? [{ ...fault, forMs: Math.round(fault.forMs / 2) }] : []),
    ...(rounded >= 2000 && rounded !== fault.at ? [{ ...fault, at: rounded }] : []),
    ...(fault.on !== undefined && fault.on.nth > 1 ? [{ ...fault, on: { ...fault.on, nth: fault.on.nth - 1 } }] : []),
  ];
}
