import type { Fault, FaultKind, Schedule, Target } from './schedule.ts';

/** How such systems lose data: one fixed schedule each. */
export interface Story {
  readonly name: string;
  /** What happens; P is the primary, R1 and R2 its replicas. */
  readonly text: string;
  readonly schedule: Schedule;
  /** Set where nothing but a person can bring writes back, and that is right. */
  readonly ends?: 'refused';
}

const fault = (at: number, kind: FaultKind, target: Target, forMs: number): Fault => ({ at, kind, target, operator: 0, forMs });
const at = (from: number, [when, statement]: readonly ['before' | 'after', string], [kind, target, forMs]: readonly [FaultKind, Target, number]): Fault =>
  ({ at: from, on: { statement, nth: 1, when }, kind, target, operator: 'there', forMs });

/** One operator, a write about every tenth of a second. */
const story = (name: string, text: string, faults: readonly Fault[], rest: Partial<Story & Schedule> = {}): Story => {
  const { ends, ...schedule } = rest;
  return { name, text, ...(ends === undefined ? {} : { ends }), schedule: { seed: 1, operators: 1, lease: false, load: { writers: 2, pauseMs: 150 }, faults, ...schedule } };
};

const PRIMARY_DIES: readonly Story[] = [
  story('crashed', 'P dies.', [fault(5000, 'kill', 0, 4000)], { gapMs: 1500 }),
  story('accepting-corpse', 'P freezes; its kernel still completes handshakes. Thawed, it is a primary that nobody follows.', [fault(5000, 'freeze', 0, 8000)], { gapMs: 4000 }),
  story('dying-slowly', 'After SIGTERM P refuses writes at once, and heartbeats go on.', [fault(5000, 'stop', 0, 3000)]),
  story('isolated-primary', 'P is cut off from R1 and R2 but not from the operator.', [fault(5000, 'isolate-from-members', 0, 8000)], { gapMs: 6000 }),
  story('hung-disk', "P's disk hangs; connections, heartbeats and probes are fine.", [fault(5000, 'disk-hangs', 0, 9000)], { gapMs: 6000 }),
  story('stale-role-reads', 'P commits without an acknowledgement, dies, comes back read-only and looks like a replica.', [fault(5000, 'isolate-from-members', 0, 3000), fault(5200, 'kill', 0, 4000)]),
  story('replay-acks', 'P commits with a key and without an acknowledgement, dies and is promoted again; the retry finds its key; P dies before anybody fetched it.', [
    fault(5000, 'isolate-from-members', 0, 3000), fault(5300, 'kill', 0, 300), fault(5300, 'kill', 1, 2500), at(5400, ['after', 'read_only = OFF, GLOBAL offline'], ['kill', 'there', 6000]),
  ]),
  story('incomparable', 'P dies with an unacknowledged transaction; R1 is promoted, R2 acknowledges; R1 dies; P comes back.', [
    fault(5000, 'isolate-from-members', 0, 3000), fault(5300, 'kill', 0, 5000), at(5300, ['after', 'read_only = OFF, GLOBAL offline'], ['slow-network', 0, 1]), fault(8000, 'power', 'primary', 14_000),
  ]),
];

const GONE: readonly Story[] = [
  story('gone-while-frozen', "P freezes, and its machine loses power before it thaws: R1, which hears nothing more and is told nothing, follows again.", [
    fault(3000, 'power', 1, 189), fault(3606, 'freeze', 0, 122), fault(3650, 'power', 0, 123),
  ], { operators: 2 }),
];

const RELAY_LOGS: readonly Story[] = [
  story('recovered-away', 'R1 and R2 have acknowledged and not applied; both restart; P dies.', [fault(4000, 'lag', 1, 9000), fault(4000, 'lag', 2, 9000), fault(7000, 'kill', 1, 300), fault(7000, 'kill', 2, 300), fault(7000, 'power', 0, 13_000)]),
  story('purged-by-repoint', 'A replica that has not applied everything is fenced while its applier is stopped.', [fault(4000, 'lag', 1, 8000), fault(4000, 'lag', 2, 8000), fault(6500, 'outage', 0, 1500)]),
  story('late-appliers', 'R1 and R2 lag when P dies: what they have received is applied before one is elected.', [fault(4000, 'lag', 1, 12_000), fault(4000, 'lag', 2, 12_000), fault(7000, 'kill', 0, 14_000)]),
  story('recovered-away-by-setting', 'R1 alone has acknowledged and not applied; its settings throw that away at its restart; P dies.', [
    fault(4000, 'isolate-from-members', 2, 4000), fault(4000, 'lag', 1, 9000), fault(7500, 'kill', 1, 300), fault(7500, 'power', 0, 14_000),
  ], { forgetful: 1, coldStartMs: 3000 }),
  story('blackout-and-a-slow-primary', 'All machines lose power, and the ends of all relay logs; P, which is back, answers late while R1 and R2 are fenced.', [
    fault(4000, 'lag', 1, 6000), fault(4000, 'lag', 2, 6000), fault(6000, 'blackout', 0, 8000), at(6000, ['before', 'STOP REPLICA IO_THREAD'], ['isolate-from-operators', 0, 1500]),
  ]),
  story('blackout', 'All machines lose power, and the ends of all relay logs.', [fault(4000, 'lag', 1, 6000), fault(6000, 'blackout', 0, 8000)]),
];

const HALF_DONE: readonly Story[] = [
  story('row-that-hides', 'P freezes; R1 writes its epoch row, which nobody fetches, and dies; P thaws and works; R1 comes back with the highest epoch.', [
    fault(5000, 'freeze', 0, 4000), at(5000, ['before', 'INSERT INTO'], ['isolate-from-members', 'there', 9000]), at(5000, ['after', 'INSERT INTO'], ['power', 'there', 9000]),
  ]),
  story('all-half-promoted', 'The epoch rows of several promotions in a row are not acknowledged.', [
    fault(6186, 'kill', 0, 1750), fault(6186, 'disk-hangs', 1, 12_800), fault(12_573, 'mute', 2, 9100), fault(16_860, 'freeze', 0, 10_100),
  ]),
  story('operator-dies-after-fencing', 'The operator dies between the fence and the promise; another rolls it forward.', [fault(5000, 'kill', 0, 6000), at(5000, ['before', "FOR CHANNEL 'epoch'"], ['operator-kill', 'there', 9000])], { operators: 2 }),
  story('half-open-lock', 'The operator dies while its epoch row waits for an acknowledgement.', [
    fault(5000, 'kill', 0, 6000), at(5000, ['before', 'INSERT INTO'], ['isolate-from-members', 'there', 2500]), at(5000, ['after', 'INSERT INTO'], ['operator-kill', 'there', 9000]),
  ], { operators: 2 }),
  story('sleepy-operator', 'An operator pauses in a failover; another takes over; the first wakes and goes on.', [fault(5000, 'kill', 0, 6000), at(5000, ['before', 'INSERT INTO'], ['operator-pause', 'there', 14_000])], { operators: 2, lease: true, gapMs: 12_000 }),
];

const DEMOTED: readonly Story[] = [
  story('semisync-off-ok', 'P is demoted while a commit hangs: its client gets no OK.', [fault(5000, 'isolate-from-members', 0, 12_000)]),
  story('sigterm-ok', 'P gets SIGTERM while a commit hangs.', [fault(5000, 'isolate-from-members', 0, 3000), fault(5400, 'stop', 0, 3000)]),
  story('read-only-lie', 'A switchover begins while a commit hangs: super_read_only waits for it.', [fault(5000, 'isolate-from-members', 0, 5000), fault(5300, 'switchover', 0, 1)]),
  story('unfenced-switchover', 'A switchover, and the operator does not reach R2, which still follows P.', [fault(5000, 'isolate-from-operators', 2, 6000), fault(5400, 'switchover', 0, 1)]),
  story('self-made-outage', 'R2 is being re-seeded; P is suspected falsely; R1 is its only acknowledger.', [fault(5000, 'lose-disk', 2, 300), at(5000, ['after', 'CLONE'], ['isolate-from-operators', 0, 4000])]),
  story('no-quorum', 'P and R2 are gone: R1 alone is not fenced.', [fault(5000, 'power', 2, 9000), fault(7000, 'isolate-from-operators', 0, 6000)]),
];

const WIPED: readonly Story[] = [
  story('last-copy-wiped', 'Both appliers break at once: neither is wiped while it may hold the last copy.', [fault(5000, 'applier-breaks', 1, 1), fault(5000, 'applier-breaks', 2, 1)]),
  story('errant-donor', 'R1 comes back with an epoch row that nobody acknowledged, and follows meanwhile; R2, which has lost its disk and whose first copy was broken off, gets no copy of it.', [
    fault(5000, 'kill', 0, 300), at(5000, ['before', 'INSERT INTO'], ['isolate-from-members', 'there', 2500]), at(5000, ['after', 'INSERT INTO'], ['power', 'there', 8500]),
    at(5400, ['after', 'read_only = OFF, GLOBAL offline'], ['lose-disk', 'replica', 5600]), fault(15_500, 'purge', 0, 1), at(9000, ['before', 'CLONE'], ['kill', 'there', 100]),
  ], { coldStartMs: 3000, load: { writers: 2, pauseMs: 400 } }),
  story('errant-acknowledger', 'P dies with an unacknowledged transaction, and follows meanwhile, since R2 has lost its disk: R2 gets no copy of it.', [
    fault(5000, 'isolate-from-members', 0, 2500), fault(5300, 'kill', 0, 2600), at(5300, ['after', 'read_only = OFF, GLOBAL offline'], ['lose-disk', 1, 4000]),
  ]),
  story('both-appliers-broken', 'A member that was just re-seeded cannot apply again, nor can the other: both go on acknowledging.', [
    fault(3600, 'applier-breaks', 1, 1), at(4000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 'there', 1]), at(4000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 2, 1]),
  ]),
  story('neither-counts', 'Both appliers break, one again as soon as it was re-seeded, and the other loses its disk: neither has all that P has, nor ever will, but both have received it.', [
    fault(3000, 'applier-breaks', 1, 1), at(3000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 'there', 1]), at(3000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 2, 1]),
    at(5000, ['after', 'START REPLICA'], ['lose-disk', 2, 113]),
  ], { load: { writers: 1, pauseMs: 1140 } }),
  story('copy-on-the-way-out', 'The same, and both are compared in the same moment: neither relies on the copy of one that is given up.', [
    fault(3000, 'applier-breaks', 1, 1), at(2000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 'there', 1]), at(2000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 2, 1]),
    at(4000, ['after', 'START REPLICA'], ['lose-disk', 2, 600]),
  ], { load: { writers: 1, pauseMs: 300 } }),
  story('wiped-with-the-only-copy', 'R2 alone has acknowledged and loses its disk; it follows again, and P dies before R2 has everything.', [
    fault(5000, 'isolate-from-members', 1, 4000), fault(7000, 'lose-disk', 2, 300), at(7000, ['after', "FOR CHANNEL 'epoch'"], ['power', 0, 12_000]),
  ], { coldStartMs: 3000 }),
  story('lost-while-cloned', 'The machine of a member loses power in the middle of its CLONE.', [fault(5000, 'lose-disk', 2, 300), at(5000, ['after', 'CLONE'], ['power', 'there', 3000])]),
  story('half-cloned', 'A member is killed again and again while it is re-seeded: in its CLONE, and in the first start after it, whose copy is thrown away.', [
    fault(5000, 'applier-breaks', 2, 1), fault(6000, 'purge', 0, 1), ...[7000, 9000, 11_000, 13_000, 15_000].map((time) => fault(time, 'kill', 2, 100)),
  ]),
  story('fourth-voice', 'A member that was wiped acknowledges before it counts.', [fault(5000, 'lose-disk', 2, 300), at(5000, ['after', 'SOURCE_HOST = ?'], ['kill', 1, 6000]), fault(7500, 'kill', 0, 5000)]),
  story('purged-needed', 'R2 lacks what no binlog has any more, and P dies.', [fault(4000, 'kill', 2, 3000), fault(6000, 'purge', 0, 1), at(6500, ['after', 'CLONE'], ['kill', 0, 4000])]),
  story('wiped-twice', 'A wiped member is promoted later, and its old GTIDs are given anew.', [fault(5000, 'lose-disk', 0, 300), fault(12_000, 'kill', 'primary', 3000)]),
  story('born-again-empty', 'Two volumes are lost, the third member starts slowly; the operator remembers nothing.', [fault(5000, 'power', 2, 9000), fault(5000, 'lose-disk', 0, 300), fault(5000, 'lose-disk', 1, 300), fault(5100, 'operator-kill', 0, 300)], { ends: 'refused' }),
];

const BROKEN: readonly Story[] = [
  story('acknowledges-between-verdict-and-wipe', 'R2 cannot apply and waits for its re-seed; P has a commit that hangs: as R2 goes on receiving it acknowledges that one, which R1 lacks.', [
    fault(4388, 'applier-breaks', 2, 1), fault(4637, 'isolate', 1, 1742),
  ], { load: { writers: 2, pauseMs: 82 } }),
  story('broken-applier-alone-knows', 'R1 cannot apply what it alone received, R2 lacks it, and P, which has it, thaws after it was deposed: P is fenced as well.', [
    fault(6816, 'disk-hangs', 2, 1762), fault(7000, 'applier-breaks', 1, 36), fault(7103, 'freeze', 0, 1341),
  ]),
  story('fenced-with-a-broken-applier', 'R1 is being copied from P when P dies; R2 cannot apply what it alone received: a fence keeps it, and once P is back R2 acknowledges its epoch row.', [
    fault(3456, 'applier-breaks', 1, 1), at(3000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 'there', 1]), at(3000, ['before', 'SOURCE_HOST = ?'], ['applier-breaks', 2, 1]), fault(8000, 'kill', 0, 104),
  ]),
];

/** P freezes, and R1 gets an epoch row onto its own disk only; then P thaws. */
const hiddenRow = (frozenMs: number, awayMs: number): readonly Fault[] => [
  fault(4900, 'freeze', 0, frozenMs), at(4000, ['before', 'INSERT INTO'], ['isolate-from-members', 'there', 125]), at(4000, ['after', 'INSERT INTO'], ['power', 'there', awayMs]),
];

const FOLLOWERS: readonly Story[] = [
  story('forgotten-promise', "R1's epoch row hides on its disk, R2 loses its own, and the promise of that epoch with it: P, deposed, gets no acknowledger before R1 is back.", [...hiddenRow(1694, 7000), fault(7500, 'lose-disk', 2, 59)], { load: { writers: 1, pauseMs: 400 } }),
  story('deposed-and-open', "R1's epoch row hides while R1 restarts; P, deposed, still has clients, and is fenced and elected without R1: it is closed before R2 follows it.", [
    ...hiddenRow(2519, 2771), { ...at(11_000, ['before', 'START REPLICA'], ['isolate', 'primary', 2498]), on: { statement: 'START REPLICA', nth: 2, when: 'before' } },
  ], { load: { writers: 3, pauseMs: 200 } }),
  story('purged-while-broken', 'R1 cannot apply what it received, R2 lacks what P has purged; all restart: R1 goes on receiving, and acknowledges the epoch row.', [
    fault(6000, 'applier-breaks', 1, 122), fault(6000, 'freeze', 2, 6616), fault(9000, 'purge', 2, 33), fault(11_000, 'outage', 'primary', 196),
  ], { load: { writers: 1, pauseMs: 1266 } }),
  story('errant-and-purged', 'R1 is P, and is cut off; the old P has something of its own, and R2 has purged what that one lacks: R1 is drained and fenced as well, else nobody could follow R2.', [
    fault(5980, 'freeze', 0, 3328), fault(7000, 'purge', 'replica', 133), fault(9700, 'isolate-from-members', 'primary', 4638),
  ], { load: { writers: 1, pauseMs: 100 } }),
  story('purged-and-cut-off', 'P is cut off, R1 is elected and has purged what R2 lacks: P is drained and fenced as well, so that it can follow.', [
    fault(5208, 'stop', 'primary', 2874), fault(5245, 'isolate-from-members', 2, 7183), at(9000, ['after', 'START REPLICA'], ['purge', 'there', 83]),
  ], { load: { writers: 1, pauseMs: 788 } }),
  story('errant-follower', 'P freezes and thaws with a commit of its own; R2 restarts, so that P, which has to be re-seeded, follows closed and has the new epoch row; all three are fenced.', [
    fault(5000, 'freeze', 0, 1450), fault(6200, 'kill', 'replica', 1000), fault(7600, 'switchover', 'primary', 100),
  ]),
];

const OBSERVERS: readonly Story[] = [
  story('sleeping-laptop', "The operator's machine sleeps: everybody looks silent when it wakes.", [{ ...fault(5000, 'operator-pause', 0, 4000), operator: 0 }]),
  story('wrong-clock', "A replica's clock is an hour off, and P freezes.", [fault(4000, 'clock-jump', 1, 1), fault(5000, 'freeze', 0, 6000)]),
  story('one-way', 'P hears everybody, and nobody hears P.', [fault(5000, 'mute', 0, 7000)]),
];

/** All of them. */
export const STORIES: readonly Story[] = [...PRIMARY_DIES, ...GONE, ...RELAY_LOGS, ...HALF_DONE, ...DEMOTED, ...WIPED, ...BROKEN, ...FOLLOWERS, ...OBSERVERS];
