import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * A process that can be told apart from a later one with the same pid. `born` is opaque text: on Linux the boot and
 * the tick of its start, elsewhere what `ps` says of its start.
 */
export interface Identity {
  readonly pid: number;
  readonly born: string;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly ticks: string;
  /** Processor time of its own, in hundredths of a second. */
  readonly worked: number;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const bootId = (): string => readFileSync(BOOT_ID, 'utf8').trim();

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone, or not ours to read: either way there is nothing to say of it.
    return undefined;
  }
}

function linuxStat(pid: number): Stat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name stands in parentheses and may contain any of the separators: the fields start after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', parent: Number(fields[1]), group: Number(fields[2]), ticks: fields[19] ?? '', worked: Number(fields[11]) + Number(fields[12]) };
}

/** Columns of `ps` for one process, or nothing when there is none. */
function psColumns(pid: number, columns: string): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8', timeout: 5000, env: { ...process.env, LC_ALL: 'C' } });
  const text = (stdout ?? '').trim();
  return text === '' ? undefined : text;
}

/**
 * Who has this pid now. A process that ended and was only not yet waited for counts as gone.
 * @returns nothing when there is none
 */
export function identify(pid: number): Identity | undefined {
  if (process.platform === 'linux') {
    const stat = linuxStat(pid);
    if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
    return { pid, born: `${bootId()}/${stat.ticks}` };
  }
  const state = psColumns(pid, 'stat=');
  const born = psColumns(pid, 'lstart=');
  return state === undefined || born === undefined || state.startsWith('Z') ? undefined : { pid, born };
}

/** Whether that very process still runs: never true for another one that got its pid. */
export const isAlive = (identity: Identity): boolean => identify(identity.pid)?.born === identity.born;

/** Pid of a process's parent, nothing when there is no such process. */
export function parentOf(pid: number): number | undefined {
  if (process.platform === 'linux') return linuxStat(pid)?.parent;
  const text = psColumns(pid, 'ppid=');
  return text === undefined ? undefined : Number(text);
}

/** The command line of a process, words separated by blanks; empty when it is not known. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') return (readOrNothing(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return psColumns(pid, 'command=') ?? '';
}

/** Pids of all living processes of a process group with their programs. */
export function groupMembers(group: number): readonly { pid: number; program: string }[] {
  if (process.platform !== 'linux') return groupMembersByPs(group);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.flatMap((pid) => {
    const stat = linuxStat(pid);
    return stat?.group === group && stat.state !== 'Z' ? [{ pid, program: programOf(pid) }] : [];
  });
}

/** Processor time that a process group has used, in milliseconds and in steps of ten; 0 where only Linux would say it. */
export function workedMs(group: number): number {
  return process.platform === 'linux' ? groupMembers(group).reduce((sum, { pid }) => sum + (linuxStat(pid)?.worked ?? 0) * 10, 0) : 0;
}

function groupMembersByPs(group: number): readonly { pid: number; program: string }[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,pgid=,stat=,ucomm='], { encoding: 'utf8', timeout: 5000 });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, pgid, state = '', ...program] = line.trim().split(/\s+/);
    return Number(pgid) === group && !state.startsWith('Z') ? [{ pid: Number(pid), program: program.join(' ') }] : [];
  });
}

/** The program that a process runs, as {@link groupMembers} gives it; empty when it is gone. */
export function programOf(pid: number): string {
  if (process.platform !== 'linux') return psColumns(pid, 'ucomm=') ?? '';
  try {
    // Not the name in its stat: programs change that, Node among them.
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/**
 * Sends a signal to a process group; a group that is gone is no error.
 * @param group the pid of its first process
 */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  signalQuietly(-group, signal);
}

/** Sends a signal to one process; one that is gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  signalQuietly(pid, signal);
}

function signalQuietly(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // All are ours: macOS answers EPERM for a group of which only unreaped processes are left.
    if (!['ESRCH', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}
