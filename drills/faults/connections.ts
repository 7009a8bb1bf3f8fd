import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { groupMembers } from '../../local/supervisor/identity.ts';

/** One line of /proc/net/tcp: the ports of an established connection as one of its ends sees them. */
export interface TcpEntry {
  readonly localPort: number;
  readonly remotePort: number;
  readonly inode: string;
}

/** Established connections in the text of /proc/net/tcp. */
export function parseTcp(text: string): readonly TcpEntry[] {
  const ESTABLISHED = '01';
  return text.split('\n').slice(1).map((line) => line.trim().split(/\s+/)).filter((fields) => fields[3] === ESTABLISHED).map((fields) => ({
    localPort: portOf(fields[1]),
    remotePort: portOf(fields[2]),
    inode: fields[9] ?? '',
  }));
}

/** The port of `0100007F:1F40`. */
const portOf = (address = ''): number => Number.parseInt(address.split(':')[1] ?? '', 16);

/**
 * Ports at the other end of all connections that a process group holds now: of a listening server, its clients'.
 * @returns null where the system does not say it (only Linux does)
 */
export const clientPortsOf = (group: number): ReadonlySet<number> | null => (process.platform === 'linux' ? new Set(connectionsOf(group).map(({ remotePort }) => remotePort)) : null);

/**
 * Ports at its own end of the same connections: as who it is a client of others.
 * @throws Error where the system does not say it
 */
export function ownPortsOf(group: number): readonly number[] {
  if (process.platform !== 'linux') throw new Error('Which connections a process has is known on Linux only: leave this drill out.');
  return connectionsOf(group).map(({ localPort }) => localPort);
}

function connectionsOf(group: number): readonly TcpEntry[] {
  const inodes = new Set(groupMembers(group).flatMap(({ pid }) => socketsOf(pid)));
  return parseTcp(readFileSync('/proc/net/tcp', 'utf8')).filter((entry) => inodes.has(entry.inode));
}

/** Inodes of a process's sockets; none when it is gone. */
function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readSocket(`/proc/${pid}/fd/${fd}`)).filter((inode) => inode !== null);
  } catch {
    return [];
  }
}

/** The inode of `socket:[12345]`; null for anything else. */
function readSocket(path: string): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? null;
  } catch {
    // Closed since it was listed.
    return null;
  }
}
