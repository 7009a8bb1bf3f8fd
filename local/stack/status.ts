import type { ProcessStatus } from '../supervisor/supervisor.ts';
import { fetchJson } from './http.ts';
import { redisRole } from './redis-role.ts';

/** What this shows of a member as the operator sees it; the operator tells more, and while it starts, less. */
export interface MemberView {
  readonly name: string;
  readonly role: string;
  readonly lagSeconds?: number | null;
  /** Of its epoch row, and the highest that it has promised. */
  readonly epoch?: number;
  readonly promised?: number;
  /** Whether its acknowledgements prove something. */
  readonly counts?: boolean;
  /** GTID sets: all it has, what the primary has beyond that, what it has beyond the primary. Null: not known. */
  readonly executed?: string | null;
  readonly missing?: string | null;
  readonly missingCount?: number | null;
  readonly errant?: string;
  /** What speaks for and against it, each a few words. */
  readonly evidence?: readonly string[];
  /** What is being done there. */
  readonly work?: string | null;
  /** Why it is left alone for now. */
  readonly problem?: string | null;
}

/** What this shows of the operator's status; it is passed on whole. */
export interface OperatorView {
  readonly acting: boolean;
  readonly paused: boolean;
  readonly epoch: number | null;
  readonly primary: string | null;
  readonly situation?: string;
  readonly decision?: { readonly kind?: string; readonly situation?: string; readonly reason?: string; readonly remedy?: string; readonly at?: string } | null;
  readonly members: readonly MemberView[];
  readonly events: readonly { readonly at: string; readonly member?: string; readonly text: string; readonly durationMs?: number }[];
}

/** One process with what others know of it. */
export interface ProcessView extends ProcessStatus {
  /** What it does for the stack at the moment: `primary`, `replica`, `master`…; null when nobody knows. */
  readonly role: string | null;
  /** Seconds that a replica is behind; null for all others, and when it is not known. */
  readonly lagSeconds: number | null;
}

/** An event of the supervisor or of the operator. */
export interface EventView {
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
  /** How long that took, milliseconds. */
  readonly durationMs?: number;
}

/** `GET /status` of the supervisor. */
export interface StackStatus {
  /** Where clients go, without a path. */
  readonly url: string;
  readonly dataDir: string;
  readonly basePort: number;
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Seconds from the start to the first write that succeeded; null until then. */
  readonly readySeconds: number | null;
  readonly stopping: boolean;
  readonly processes: readonly ProcessView[];
  /** Null while it does not answer. */
  readonly operator: OperatorView | null;
  /** Of all, oldest first. */
  readonly events: readonly EventView[];
}

/** The part of {@link StackStatus} that the supervisor itself knows. */
export interface KnownStatus extends Omit<StackStatus, 'processes' | 'operator' | 'events'> {
  readonly processes: readonly ProcessStatus[];
  readonly events: readonly { readonly at: number; readonly name: string; readonly text: string }[];
}

/** The last events of a status that are shown. */
const EVENTS_SHOWN = 100;
const OPERATOR_TIMEOUT_MS = 1000;

/**
 * Puts together what the supervisor knows with what the operator and each Redis say of themselves.
 * @param redisPassword to ask each Redis with
 */
export async function wholeStatus(known: KnownStatus, redisPassword: string): Promise<StackStatus> {
  const operatorPort = known.processes.find(({ kind, pid }) => kind === 'operator' && pid !== null)?.port;
  const asked = operatorPort === undefined ? null : fetchJson(operatorPort, '/status', OPERATOR_TIMEOUT_MS).catch(() => null);
  const redisRoles = new Map<string, string | null>();
  const redis = known.processes.filter(({ kind, pid }) => kind === 'redis' && pid !== null);
  await Promise.all(redis.map(async ({ name, port }) => redisRoles.set(name, await redisRole(port, redisPassword))));
  const operator = (await asked) as OperatorView | null;
  const view = (process: ProcessStatus): ProcessView => ({ ...process, ...rolesOf(process, operator, redisRoles) });
  return { ...known, processes: known.processes.map(view), operator, events: mergedEvents(known, operator) };
}

function rolesOf(process: ProcessStatus, operator: OperatorView | null, redisRoles: ReadonlyMap<string, string | null>): { role: string | null; lagSeconds: number | null } {
  const nothing = { role: null, lagSeconds: null };
  if (process.pid === null) return nothing;
  switch (process.kind) {
    case 'mysql': {
      const member = operator?.members.find(({ name }) => name === process.name);
      const isBehind = member !== undefined && !['primary', 'unreachable'].includes(member.role);
      return { role: member?.role ?? null, lagSeconds: isBehind ? (member.lagSeconds ?? null) : null };
    }
    case 'operator':
      return operator === null ? nothing : { role: roleOfOperator(operator), lagSeconds: null };
    case 'redis':
      return { role: redisRoles.get(process.name) ?? null, lagSeconds: null };
    case 'sentinel':
      return { role: 'watches', lagSeconds: null };
    case 'web':
      return { role: 'serves', lagSeconds: null };
    case 'nginx':
      return { role: 'edge', lagSeconds: null };
    default:
      return process.kind satisfies never;
  }
}

function roleOfOperator({ acting, paused }: OperatorView): string {
  if (paused) return 'paused';
  return acting ? 'acts' : 'standby';
}

/** Events of both, in the order of time. */
function mergedEvents({ events }: KnownStatus, operator: OperatorView | null): readonly EventView[] {
  const own = events.map(({ at, name, text }) => ({ at: new Date(at).toISOString(), text: `${name} ${text}` }));
  const others = (operator?.events ?? []).map(({ at, text, durationMs }) => ({ at: new Date(at).toISOString(), text, ...(durationMs === undefined ? {} : { durationMs }) }));
  return [...own, ...others].sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).slice(-EVENTS_SHOWN);
}
