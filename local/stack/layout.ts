import { join } from 'node:path';
import type { MemberAddress } from '../../common/members.ts';
import { LOOPBACK } from '../supervisor/probe.ts';

/** How many processes of each kind. */
export const COUNTS = { mysql: 3, redis: 3, sentinel: 3, web: 2, nginx: 2 } as const;

/** One process's name with its number among its kind. */
export interface Numbered {
  readonly name: string;
  readonly index: number;
}

/** The processes of a kind, `mysql-0` first. */
export const numbered = (kind: keyof typeof COUNTS): readonly Numbered[] => Array.from({ length: COUNTS[kind] }, (_, index) => ({ name: `${kind}-${index}`, index }));

const SUPERVISOR_OFFSET = 70;

/** The base port of a stack whose supervisor's status is on a port. */
export const baseOf = (statusPort: number): number => statusPort - SUPERVISOR_OFFSET;

/** Every port of the stack but the service's, from its base port. All are on the loopback. */
export const portsFrom = (base: number) =>
  ({
    mysql: (index: number) => base + index,
    mysqlAdmin: (index: number) => base + 10 + index,
    redis: (index: number) => base + 20 + index,
    sentinel: (index: number) => base + 30 + index,
    web: (index: number) => base + 40 + index,
    webMetrics: (index: number) => base + 50 + index,
    operator: base + 60,
    supervisor: base + SUPERVISOR_OFFSET,
    nginxHealth: (index: number) => base + 80 + index,
  }) as const;

/** Every port that the stack from this base port listens on, with what listens there; the service's is not among them. */
export function allPorts(base: number): readonly { readonly port: number; readonly name: string }[] {
  const ports = portsFrom(base);
  return [
    ...numbered('mysql').flatMap(({ name, index }) => [{ port: ports.mysql(index), name }, { port: ports.mysqlAdmin(index), name }]),
    ...numbered('redis').map(({ name, index }) => ({ port: ports.redis(index), name })),
    ...numbered('sentinel').map(({ name, index }) => ({ port: ports.sentinel(index), name })),
    ...numbered('web').flatMap(({ name, index }) => [{ port: ports.web(index), name }, { port: ports.webMetrics(index), name }]),
    { port: ports.operator, name: 'operator' },
    { port: ports.supervisor, name: 'the supervisor' },
    ...numbered('nginx').map(({ name, index }) => ({ port: ports.nginxHealth(index), name })),
  ];
}

/** The members as every program is told them. */
export const membersFrom = (base: number): readonly MemberAddress[] =>
  numbered('mysql').map(({ name, index }) => ({ name, host: LOOPBACK, port: portsFrom(base).mysql(index), adminPort: portsFrom(base).mysqlAdmin(index) }));

/** Where things are in a data folder. */
export const pathsIn = (dataDir: string) =>
  ({
    description: join(dataDir, 'holdfast.json'),
    secrets: join(dataDir, 'secrets.json'),
    initialisedMark: join(dataDir, 'initialised'),
    record: join(dataDir, 'supervisor.json'),
    logs: join(dataDir, 'logs'),
    log: (name: string) => join(dataDir, 'logs', `${name}.log`),
    process: (name: string) => join(dataDir, name),
  }) as const;
