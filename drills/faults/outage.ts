import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, signalGroup, signalProcess } from '../../local/supervisor/identity.ts';
import { processNamed, type ProcessStatus } from '../stack/status.ts';
import { primaryOf } from '../stack/table.ts';
import { until } from '../stack/wait.ts';
import type { Fault, Stage } from './fault.ts';
import { Sequence } from './sequence.ts';
import { gone } from './signals.ts';
import { named, type Victim } from './victim.ts';

/** Everything is killed at once, the supervisor too, and the stack is started again. */
export const everything: Fault = async (stage) => {
  if (stage.own === null) throw new Error('Only a stack of the drill\'s own is killed as a whole: leave out --here.');
  const steps = new Sequence(stage.now);
  const { pid: supervisor, processes } = await stage.stack.status(stage.signal);
  const pids = processes.map((one) => one.pid ?? null).filter((pid) => pid !== null);
  const victims = [supervisor, ...pids].map((pid) => identify(pid)).filter((identity) => identity !== undefined);
  steps.did(`The supervisor and all ${pids.length} processes got SIGKILL.`);
  signalProcess(supervisor, 'SIGKILL');
  for (const pid of pids) signalGroup(pid, 'SIGKILL');
  for (const victim of victims) await gone({ ...victim, name: 'a process of the stack' }, stage.signal);
  await stage.own.start(stage.signal);
  steps.saw('It was started again.');
  return steps.damage();
};

const BETWEEN_MS = 5000;
const HELD_BOUND_MS = 5000;
/** After an outage of all members the operator waits up to a minute for all of them before it does with fewer. */
const ELECTION_BOUND_MS = 90_000;

/** All members are killed, and come back one by one; the last primary last, when another has its place. */
export const staggered: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const last = await primaryOf(stage.stack, stage.signal);
  const { processes } = await stage.stack.status(stage.signal);
  const names = processes.filter((one) => one.kind === 'mysql').map((one) => one.name).sort((a, b) => Number(a === last) - Number(b === last));
  const victims = await Promise.all(names.map((name) => named(name)(stage)));
  steps.did(`${names.join(', ')} got SIGKILL.`);
  for (const victim of victims) signalGroup(victim.pid, 'SIGKILL');
  const held: Victim[] = [];
  try {
    for (const victim of victims) held.push(await holdBack(stage, victim));
    steps.saw('All are held back in their start.');
    for (const member of held) {
      await sleep(BETWEEN_MS, undefined, { signal: stage.signal });
      if (member.name === last) steps.saw(await electedWithout(stage, last));
      steps.did(`${member.name} may start.`);
      signalGroup(member.pid, 'SIGCONT');
    }
  } finally {
    for (const member of held) signalGroup(member.pid, 'SIGCONT');
  }
  return steps.damage();
};

/** Stops a member that is being started again, before it listens. */
async function holdBack({ stack, signal }: Stage, old: Victim): Promise<Victim> {
  const started = await until({ what: `A new start of ${old.name}`, boundMs: HELD_BOUND_MS, everyMs: 5, signal }, async () => {
    const found = processNamed(await stack.status(signal), old.name);
    return found === undefined || found.pid === old.pid ? null : found;
  });
  signalGroup(started.pid, 'SIGSTOP');
  const identity = identify(started.pid);
  if (identity === undefined || (await listens(started))) {
    signalGroup(started.pid, 'SIGCONT');
    throw new Error(`${old.name} was up again before it could be held back.`);
  }
  return { ...identity, name: old.name };
}

function listens({ port }: ProcessStatus): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

async function electedWithout({ stack, signal }: Stage, name: string): Promise<string> {
  return await until({ what: `A promotion without ${name}`, boundMs: ELECTION_BOUND_MS, everyMs: 250, signal }, async () => {
    const { operator } = await stack.status(signal);
    return operator === null || operator.primary === null || operator.primary === name ? null : `${operator.primary} is the primary, epoch ${operator.epoch ?? '?'}.`;
  });
}
