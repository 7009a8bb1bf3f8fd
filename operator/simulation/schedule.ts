import { Random } from './random.ts';

/** Every kind of fault. */
export type FaultKind =
  /** kill -9 of mysqld; it is started again after the time. */
  | 'kill'
  /** The machine is gone and says nothing; back after the time. */
  | 'power'
  /** SIGTERM as whatever starts mysqld gives it: clients closed first. */
  | 'stop'
  /** SIGSTOP for the time. */
  | 'freeze'
  /** All members are killed at once. */
  | 'outage'
  /** All machines lose power: what no relay log had synced is gone. */
  | 'blackout'
  /** Member and operators, clients, members cannot reach each other. */
  | 'isolate'
  /** Members cannot reach it, operators and clients can. */
  | 'isolate-from-members'
  /** The operators cannot reach it. */
  | 'isolate-from-operators'
  /** What it sends is held, what it gets is not. */
  | 'mute'
  | 'disk-hangs'
  /** Its data folder is lost, and made anew. */
  | 'lose-disk'
  | 'clock-jump'
  /** The applier fails at what comes next, for ever. */
  | 'applier-breaks'
  /** The applier takes its time. */
  | 'lag'
  /** Old binlogs are removed on every member. */
  | 'purge'
  | 'slow-network'
  | 'operator-kill'
  | 'operator-pause'
  /** The operator reaches no member. */
  | 'operator-isolate'
  /** Whoever has the lease loses it. */
  | 'lease-lost'
  | 'switchover';

/** Which member: by what it is when the fault comes, or where the awaited statement runs. */
export type Target = 'primary' | 'replica' | 'other-replica' | 'there' | 0 | 1 | 2;

/** When an operator's statement comes that contains a text, for the so-manieth time, just before or after it has effect. */
export interface Trigger {
  readonly statement: string;
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** One fault. */
export interface Fault {
  /** From here on, ms. */
  readonly at: number;
  readonly on?: Trigger;
  readonly kind: FaultKind;
  readonly target: Target;
  /** Of operators: which; with a trigger `there` is whoever sent the statement. */
  readonly operator: 0 | 1 | 'there';
  /** ms. */
  readonly forMs: number;
}

/** All that happens in one run. */
export interface Schedule {
  /** Of the times that everything takes. */
  readonly seed: number;
  readonly operators: 1 | 2;
  /** As on Kubernetes: its holder may end another's sessions. */
  readonly lease: boolean;
  readonly load: { readonly writers: number; readonly pauseMs: number };
  readonly faults: readonly Fault[];
  /** A member whose relay_log_recovery is ON: at each start it throws away what it received and has not applied. */
  readonly forgetful?: 0 | 1 | 2;
  /** The operator's setting of that name, ms. */
  readonly coldStartMs?: number;
  /** Writes must never stop for longer, ms. */
  readonly gapMs?: number;
}

/** When the first fault may come, and when all are over, ms. */
const [FIRST_MS, LAST_MS] = [2500, 20_000];
export const HEALED_MS = 28_000;

/** A pattern's shorter bounds hold at its own times alone, ms. */
const LONG_GAP_MS = 10_000;

/** How many of the schedules are near to a pattern. */
const NEAR = 0.3;

const KINDS: readonly (readonly [FaultKind, weight: number])[] = [
  ['kill', 12], ['power', 5], ['stop', 5], ['freeze', 6], ['outage', 2], ['blackout', 1], ['isolate', 4], ['isolate-from-members', 3], ['isolate-from-operators', 2], ['mute', 2], ['disk-hangs', 3],
  ['lose-disk', 1], ['clock-jump', 1], ['applier-breaks', 2], ['lag', 5], ['purge', 1], ['slow-network', 1], ['operator-kill', 4], ['operator-pause', 5], ['operator-isolate', 2], ['lease-lost', 1], ['switchover', 4],
];
const BAG: readonly FaultKind[] = KINDS.flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind));

/** Statements at which a second fault hurts most, by a part of their text. */
const STATEMENTS = [
  'STOP REPLICA IO_THREAD', "SOURCE_HOST = 'fenced.invalid'", "FOR CHANNEL 'epoch'", 'read_only = ON, GLOBAL super_read_only = OFF', 'rpl_semi_sync_source_enabled = ON', 'INSERT INTO', 'read_only = OFF', 'read_only = OFF, GLOBAL offline',
  'SOURCE_HOST = ?', 'START REPLICA', 'offline_mode = ON', 'offline_mode = OFF', 'rpl_semi_sync_source_enabled = OFF', 'super_read_only = ON', 'CLONE', 'RESTART', "SOURCE_USER = 'wiped'",
] as const;

/** A schedule of one to four faults, now and then near to one of the patterns; the same for the same seed and patterns. */
export function randomSchedule(seed: number, patterns: readonly Schedule[] = []): Schedule {
  const random = new Random(seed, 1);
  return patterns.length > 0 && random.chance(NEAR) ? near(random.pick(patterns), seed, random) : anySchedule(seed, random);
}

/** A pattern with other times, and now and then one fault more. */
function near(pattern: Schedule, seed: number, random: Random): Schedule {
  const faults = pattern.faults.map((fault) => {
    const at = fault.on === undefined ? Math.min(LAST_MS, Math.max(FIRST_MS, fault.at + random.between(-200, 200))) : fault.at - 300;
    return { ...fault, at: Math.round(at), forMs: Math.round(Math.min(HEALED_MS - 1000 - at, fault.forMs * random.spread(0.4, 1.3))) };
  });
  const more = random.chance(0.3) && faults.length < 4 && !faults.some(isRuinous) ? [randomFault(random, { at: random.between(4000, 12_000), isFirst: false, kinds: ['kill', 'freeze', 'operator-pause'] })] : [];
  const operators = random.chance(0.3) ? 2 : pattern.operators;
  const { gapMs, ...rest } = pattern;
  const same = gapMs !== undefined && gapMs >= LONG_GAP_MS && more.length === 0 ? { ...rest, gapMs } : rest;
  return { ...same, seed, operators, lease: operators === 2 && (pattern.lease || random.chance(0.5)), load: { writers: random.whole(1, 2), pauseMs: random.spread(120, 900) }, faults: [...faults, ...more] };
}

function anySchedule(seed: number, random: Random): Schedule {
  const count = random.pick([1, 2, 2, 3, 3, 4]);
  const first = random.between(FIRST_MS, 8000);
  let at = first;
  const faults: Fault[] = [];
  // A few kinds per schedule, so that the same comes twice and one meets another more often than if all were mixed.
  const kinds = Array.from({ length: random.whole(1, 4) }, () => random.pick(BAG));
  for (let index = 0; index < count; index += 1) {
    const fault = randomFault(random, { at, isFirst: index === 0, kinds });
    if (!isRuinous(fault) || !faults.some(isRuinous)) faults.push(fault);
    at = Math.min(LAST_MS, at + random.pick([0, random.between(0, 50), random.spread(5, 2000), random.spread(500, 9000)]));
  }
  return { seed, operators: random.chance(0.4) ? 2 : 1, lease: random.chance(0.5), load: { writers: random.whole(1, 2), pauseMs: random.spread(120, 2000) }, faults };
}

/** Two of these may take the last copy, or what a member would need to follow: nothing but a person could help. */
const isRuinous = ({ kind }: Fault): boolean => kind === 'lose-disk' || kind === 'blackout' || kind === 'purge';

function randomFault(random: Random, { at, isFirst, kinds }: { readonly at: number; readonly isFirst: boolean; readonly kinds: readonly FaultKind[] }): Fault {
  const kind = random.chance(0.8) ? random.pick(kinds) : random.pick(BAG);
  const triggered = !isFirst && random.chance(0.45);
  const trigger: Trigger = { statement: random.pick(STATEMENTS), nth: random.pick([1, 1, 1, 2, 3]), when: random.pick(['before', 'after']) };
  const target = random.pick<Target>(triggered ? ['there', 'there', 'primary', 'replica', 0, 1, 2] : ['primary', 'primary', 'replica', 'other-replica', 0, 1, 2]);
  const operator = random.pick<Fault['operator']>(triggered ? ['there', 'there', 0, 1] : [0, 0, 1]);
  const forMs = Math.min(random.spread(30, 10_000), HEALED_MS - 1000 - at);
  return { at: Math.round(at), ...(triggered ? { on: trigger } : {}), kind, target, operator, forMs: Math.round(forMs) };
}

/** A fault in words. */
export function describeFault({ at, on, kind, target, operator, forMs }: Fault): string {
  const when = on === undefined ? `at ${(at / 1000).toFixed(3)} s` : `from ${(at / 1000).toFixed(3)} s on, ${on.when} the ${on.nth}. “${on.statement}”`;
  const whom = kind.startsWith('operator') ? `operator ${operator}` : String(target);
  return `${when}: ${kind} of ${whom} for ${forMs} ms`;
}
