/** Where one MySQL member listens. */
export interface MemberAddress {
  /** Stable name, such as `mysql-0`. */
  readonly name: string;
  readonly host: string;
  /** Clients and replication. */
  readonly port: number;
  /** `admin_port`: has room when the other is full of connections. */
  readonly adminPort: number;
}

/** A host with a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const PORT = String.raw`(\d{1,5})`;
const MEMBER = new RegExp(String.raw`^([a-z0-9][a-z0-9-]{0,62})=([^\s:=,/]+):${PORT}/${PORT}$`);
const ENDPOINT = new RegExp(String.raw`^([^\s:=,/]+):${PORT}$`);

/**
 * Reads `mysql-0=127.0.0.1:18000/18010,mysql-1=…`: name, host, port, admin port.
 * @throws Error that says which entry is wrong, or which name stands twice
 */
export function parseMembers(list: string): readonly MemberAddress[] {
  const members = list.split(',').map((entry) => {
    const [, name, host, port, adminPort] = MEMBER.exec(entry.trim()) ?? [];
    if (name === undefined || host === undefined) throw new Error(`expected NAME=HOST:PORT/ADMIN_PORT, separated by commas, not ${JSON.stringify(entry)}`);
    return { name, host, port: Number(port), adminPort: Number(adminPort) };
  });
  const twice = members.find(({ name }, index) => members.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new Error(`member ${twice.name} stands twice`);
  return members;
}

/** Members in the form that {@link parseMembers} reads. */
export const membersText = (members: readonly MemberAddress[]): string => members.map(({ name, host, port, adminPort }) => `${name}=${host}:${port}/${adminPort}`).join(',');

/**
 * Reads `127.0.0.1:18030,127.0.0.1:18031`.
 * @throws Error that says which entry is wrong
 */
export function parseEndpoints(list: string): readonly Endpoint[] {
  return list.split(',').map((entry) => {
    const [, host, port] = ENDPOINT.exec(entry.trim()) ?? [];
    if (host === undefined) throw new Error(`expected HOST:PORT, separated by commas, not ${JSON.stringify(entry)}`);
    return { host, port: Number(port) };
  });
}

/**
 * Acknowledgements that a commit needs beside the primary's own copy: A = ⌊(N−1)/2⌋.
 * @param members N, the number of members that the cluster has when whole
 */
export const acknowledgements = (members: number): number => Math.floor((members - 1) / 2);

/**
 * Members that must be fenced, hold a promise or be locked: N − A. Any such set meets every set of A + 1 that holds an
 * acknowledged commit.
 * @param members N
 */
export const quorum = (members: number): number => members - acknowledgements(members);
