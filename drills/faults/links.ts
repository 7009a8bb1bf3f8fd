import { setTimeout as sleep } from 'node:timers/promises';
import type { Side } from '../links/link.ts';
import type { LinkHandle, Traveller } from '../links/links.ts';
import type { Weather } from '../links/pipe.ts';
import type { Fault, Stage } from './fault.ts';
import { Sequence } from './sequence.ts';
import { primary, primaryMoved, type Proof, type Victim } from './victim.ts';

/**
 * The links by which somebody reaches some servers.
 * @param to what their names begin with
 * @throws Error when the stack has none
 */
export function linksBetween({ own }: Stage, from: Traveller, to: string): readonly LinkHandle[] {
  const links = own?.links?.between(from, to) ?? [];
  if (links.length === 0) throw new Error(`There is no link from ${from} to ${to}: this fault takes a stack with links.`);
  return links;
}

/** A part of the network that fails. */
export interface Cut {
  readonly from: Traveller;
  /** What the names of the servers begin with; `primary`: whoever is it. */
  readonly to: string;
  /** `both` if nothing is said: see {@link Side}. */
  readonly way?: Side;
  /** How long, in milliseconds. */
  readonly forMs: number;
}

const WAYS: Readonly<Record<Side, string>> = { both: 'both ways', from: 'what it sends', to: 'what it is sent' };

/**
 * Somebody and some servers cannot reach each other, or one way only.
 * @param meanwhile what must be seen before it is mended
 */
export const cutOff = ({ from, to, way = 'both', forMs }: Cut, meanwhile: readonly Proof[] = []): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const victim = await primary(stage);
  const name = to === 'primary' ? victim.name : to;
  const links = linksBetween(stage, from, name);
  const held = links.reduce((sum, link) => sum + link.connections, 0);
  try {
    const startMs = stage.now();
    steps.did(`${from} and ${name} were cut off from each other (${held} connections, ${WAYS[way]}).`);
    for (const link of links) link.cut(way);
    for (const proof of meanwhile) steps.saw(await proof(stage, victim));
    await sleep(Math.max(0, startMs + forMs - stage.now()), undefined, { signal: stage.signal });
    steps.did('They are connected again.');
  } finally {
    for (const link of links) link.mend();
  }
  return steps.damage();
};

/** The primary is still the same: what was cut is no reason for a failover. */
export const primaryStayed: Proof = async (stage: Stage, victim: Victim) => {
  await sleep(STAYS_MS, undefined, { signal: stage.signal });
  const { operator } = await stage.stack.status(stage.signal);
  if (operator !== null && operator.primary !== null && operator.primary !== victim.name) throw new Error(`${operator.primary} was promoted, though nothing was wrong with ${victim.name}.`);
  return `${victim.name} is still the primary.`;
};

const STAYS_MS = 8000;

/** The network between the members is slow and loses something. */
export const badWeather = (weather: Weather, forMs: number): Fault => async (stage) => {
  const steps = new Sequence(stage.now);
  const links = linksBetween(stage, 'replicas', 'mysql');
  try {
    steps.did(`What members send each other takes ${weather.delayMs} ms each way from now on, and ${weather.lost * 100} % of it is lost.`);
    for (const link of links) link.expose(weather);
    await sleep(forMs, undefined, { signal: stage.signal });
    steps.did('The network is fast again.');
  } finally {
    for (const link of links) link.mend();
  }
  return steps.damage();
};

/** The primary no longer hears that its transactions have arrived; it is mended when another has its place. */
export const mutedAcknowledgements = (forMs: number): Fault => cutOff({ from: 'replicas', to: 'primary', way: 'to', forMs }, [primaryMoved]);
