import { identify, type Identity } from '../../local/supervisor/identity.ts';
import { processNamed } from '../stack/status.ts';
import { primaryOf } from '../stack/table.ts';
import { until } from '../stack/wait.ts';
import type { Stage } from './fault.ts';
import { redisMaster } from './redis.ts';

/** A process that a fault is about to hit: it leads the process group of its pid. */
export interface Victim extends Identity {
  readonly name: string;
}

/** Chooses whom a fault hits. */
export type Choose = (stage: Stage) => Promise<Victim>;

/** A process by its name. */
export const named = (name: string): Choose => async ({ stack, signal }) => {
  const found = processNamed(await stack.status(signal), name);
  const identity = found === undefined ? undefined : identify(found.pid);
  if (identity === undefined) throw new Error(`${name} does not run: the stack must be healthy before it is broken.`);
  return { ...identity, name };
};

/** The member that is the primary now. */
export const primary: Choose = async (stage) => await named(await primaryOf(stage.stack, stage.signal))(stage);

/** The members that are not the primary now, in the order of their names. */
export async function replicaNames({ stack, signal }: Stage): Promise<readonly string[]> {
  const { processes, operator } = await stack.status(signal);
  return processes.filter((one) => one.kind === 'mysql' && one.name !== operator?.primary).map((one) => one.name).sort();
}

/** The first member that is not the primary. */
export const replica: Choose = async (stage) => {
  const [first] = await replicaNames(stage);
  if (first === undefined) throw new Error('The stack has no replica.');
  return await named(first)(stage);
};

/** The Redis that the Sentinels call the master now. */
export const masterOfRedis: Choose = async (stage) => await named(await redisMaster(stage))(stage);

/** Something that shows that a fault happened: waits for it and says it in a sentence, or rejects. */
export type Proof = (stage: Stage, victim: Victim) => Promise<string>;

const REPLACED_BOUND_MS = 20_000;
// Longer than any bound: a promotion that comes too late is for the verdict, which has the figures.
const MOVED_BOUND_MS = 60_000;

/** The supervisor has started the victim again, or another process in its place. */
export const replaced: Proof = async ({ stack, signal }, { name, pid, born }) =>
  await until({ what: `A new start of ${name} after the fault`, boundMs: REPLACED_BOUND_MS, signal }, async () => {
    const found = processNamed(await stack.status(signal), name);
    if (found === undefined || found.state !== 'running') return null;
    const now = identify(found.pid);
    const fresh = now !== undefined && (now.pid !== pid || now.born !== born);
    return fresh ? `${name} runs again, as pid ${found.pid}.` : null;
  });

/** Another member is the primary. */
export const primaryMoved: Proof = async ({ stack, signal }, { name }) =>
  await until({ what: `The promotion of another member than ${name}`, boundMs: MOVED_BOUND_MS, signal }, async () => {
    const { operator } = await stack.status(signal);
    if (operator === null || operator.primary === null || operator.primary === name) return null;
    return `${operator.primary} is the primary, epoch ${operator.epoch ?? '?'}.`;
  });

/** The Sentinels call another Redis the master. */
export const masterMoved: Proof = async (stage, { name }) =>
  await until({ what: `The election of another Redis than ${name}`, boundMs: MOVED_BOUND_MS, signal: stage.signal }, async () => {
    const master = await redisMaster(stage);
    return master === name ? null : `The Sentinels have made ${master} the master.`;
  });
