import { numbered } from '../../local/stack/layout.ts';
import type { Fault, Ground, Stage } from '../faults/fault.ts';
import { cutOff } from '../faults/links.ts';
import { diverged, wiped } from '../faults/members.ts';
import { redisSplit } from '../faults/several.ts';
import { end, freeze } from '../faults/signals.ts';
import { switchover } from '../faults/switchover.ts';
import { named, replaced } from '../faults/victim.ts';
import type { AllowedFailures } from '../verdict/judge.ts';
import { between, oneOf } from './random.ts';

/** A single fault as it was drawn. */
export interface Drawn<S extends Ground = Stage> {
  readonly name: string;
  readonly fault: Fault<S>;
  readonly failures: AllowedFailures;
}

/** A kind of fault: draws one. */
export type Kind<S extends Ground = Stage> = (random: () => number) => Drawn<S>;

const EVERY = ['mysql', 'redis', 'sentinel', 'web', 'nginx'] as const;

/** Kinds are as likely as each other, and so are the processes within one. */
const anyProcess = (random: () => number): string => {
  const kind = oneOf(random, [...EVERY, 'mysql', 'operator'] as const);
  return kind === 'operator' ? kind : oneOf(random, numbered(kind)).name;
};

/** Only an edge that dies or hangs may cost the requests that it held. */
const failuresOf = (name: string): AllowedFailures => (name.startsWith('nginx') ? 'on the connections of the victim' : 'none');

const kill: Kind = (random) => {
  const name = anyProcess(random);
  return { name: `kill ${name}`, failures: failuresOf(name), fault: end(named(name), 'SIGKILL', [replaced]) };
};

const term: Kind = (random) => {
  const { name } = oneOf(random, numbered('mysql'));
  return { name: `term ${name}`, failures: 'none', fault: end(named(name), 'SIGTERM', [replaced]) };
};

const pause: Kind = (random) => {
  const name = anyProcess(random);
  const forMs = between(random, 200, 15_000);
  return { name: `freeze ${name} for ${forMs} ms`, failures: failuresOf(name), fault: freeze(named(name), { forMs, meanwhile: [] }) };
};

const cut: Kind = (random) => {
  const { name } = oneOf(random, numbered('mysql'));
  const forMs = between(random, 500, 15_000);
  const way = oneOf(random, ['both', 'from', 'to'] as const);
  return { name: `cut ${name} off (${way}) for ${forMs} ms`, failures: 'none', fault: cutOff({ from: 'replicas', to: name, way, forMs }) };
};

const split: Kind = (random) => {
  const forMs = between(random, 500, 10_000);
  return { name: `cut web-0 off from Redis for ${forMs} ms`, failures: 'none', fault: redisSplit(forMs) };
};

const constant = (name: string, fault: Fault): Kind => () => ({ name, fault, failures: 'none' });

/** Every kind of single fault on a stack of this machine; those that are listed twice come twice as often. */
export const LOCAL_KINDS: readonly Kind[] = [kill, kill, pause, pause, term, cut, split, constant('switchover', switchover), constant('wipe a replica', wiped), constant('write into a replica', diverged)];
