import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupMembers } from '../supervisor/identity.ts';

/** What one process group takes. */
export interface Footprint {
  readonly name: string;
  readonly kind: string;
  /** Proportional set size, bytes: memory that several share counts in parts (proc(5), smaps_rollup). */
  readonly pssBytes: number;
  /** Share of one core in the time of the measurement, 0 to 1 and more. */
  readonly cpu: number;
}

/** The clock tick of /proc's times, per second: fixed for user space on Linux (proc(5), sysconf(3)). */
const TICKS_PER_S = 100;

/** `Pss:  1234 kB` out of smaps_rollup. */
export function pssOf(smapsRollup: string): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(smapsRollup) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/** Ticks of CPU that a process has had, out of its `stat`: fields 14 and 15, counted from behind its name. */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function sum(pids: readonly number[], file: string, read: (text: string) => number): number {
  return pids.reduce((total, pid) => {
    try {
      return total + read(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    } catch {
      // It has ended meanwhile.
      return total;
    }
  }, 0);
}

/**
 * Measures process groups for a while. Linux only.
 * @param groups name, kind and the leader's pid of each
 * @param durationMs for the CPU's share
 */
export async function measureFootprint(groups: readonly { readonly name: string; readonly kind: string; readonly pid: number }[], durationMs: number): Promise<readonly Footprint[]> {
  const members = groups.map((group) => ({ ...group, pids: [...new Set([group.pid, ...groupMembers(group.pid).map(({ pid }) => pid)])] }));
  const before = members.map(({ pids }) => sum(pids, 'stat', ticksOf));
  const from = performance.now();
  await sleep(durationMs);
  const seconds = (performance.now() - from) / 1000;
  return members.map(({ name, kind, pids }, index) => ({
    name,
    kind,
    pssBytes: sum(pids, 'smaps_rollup', pssOf),
    cpu: (sum(pids, 'stat', ticksOf) - (before[index] ?? 0)) / TICKS_PER_S / seconds,
  }));
}
