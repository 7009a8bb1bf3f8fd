import type { Edit } from './mutate.ts';

/** A rule of the operator's, taken away: the simulation must notice. */
export interface Mutant {
  readonly name: string;
  /** The rule that is missing. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  /** So many seeds from 1 up catch it at the latest. */
  readonly within: number;
}

const act = (file: string, find: string, replace: string): Edit => ({ file: `operator/act/${file}.ts`, find, replace });
const decide = (file: string, find: string, replace: string): Edit => ({ file: `operator/decide/${file}.ts`, find, replace });

const FENCES: readonly Mutant[] = [
  {
    name: 'fence-too-few', rule: 'A failover fences N − A members.', within: 200,
    edits: [decide('quorum', 'const needed = quorum(members.length);', 'const needed = quorum(members.length) - 1;'), act('failover', 'decision.accept === undefined ? quorum(crew.platform.members.length) : 0', '1')],
  },
  {
    name: 'fence-drops-relay-log', rule: 'A fence keeps what only the relay log holds: a stopped applier is started first.', within: 200,
    edits: [act('control', '    await this.startApplier(status);\n    if (status.receiver.host', '    if (status.receiver.host'), act('control', "if (status.receiver.host === '' || (await this.#keepsApplying(status)))", 'if (this.name.length > 0)')],
  },
  { name: 'fence-forgotten-at-restart', rule: 'A fence survives a restart: it changes the source.', within: 200, edits: [act('control', "if (status.receiver.host === '' || (await this.#keepsApplying(status))) await this.run(`CHANGE", 'if (status.receiver.host === FENCED_HOST) await this.run(`CHANGE')] },
  { name: 'fence-under-a-failing-applier', rule: 'No other source while an applier that was just started may stop again.', within: 200, edits: [act('control', '(await this.#keepsApplying(status))) await this.run(`CHANGE', '(await this.status()).applier.running) await this.run(`CHANGE')] },
  { name: 'deposed-and-open', rule: 'A deposed primary that still lets clients in is closed when it is fenced.', within: 200, edits: [act('fence', '  if (isOpen(member)) await closeClients(crew, control);\n', '')] },
  { name: 'shown-too-early', rule: 'Nobody reads from a follower what the new primary alone has from an earlier time, before the epoch row is acknowledged.', within: 200, edits: [act('promote', '!status.offline && mayShowTooMuch(status, winner.status)', '!status.offline && status.executed.size < 0')] },
  { name: 'fence-not-at-all', rule: 'Fenced members acknowledge for nobody.', within: 200, edits: [act('fence', '  await control.fence(member.status);\n', '')] },
  {
    name: 'fence-without-look', rule: 'Look before fencing: a failover that cannot fence enough has fenced nobody.', within: 200,
    edits: [
      decide('quorum', 'if (witnesses.length >= needed && (!isLiving || (witnesses.filter(applies).length >= needed && canFollow(witnesses, acknowledgements(members.length)))))', 'if (others.length > 0)'),
      act('failover', "if (verdict.kind === 'too-few' && accept === undefined) throw", "if (verdict.kind === 'too-few' && seen.length === 0) throw"),
    ],
  },
  { name: 'switchover-without-fences', rule: 'A switchover fences like any failover.', within: 200, edits: [act('failover', 'await fenceAll(crew, seen,', "decision.situation === 'switchover' ? seen : await fenceAll(crew, seen,")] },
  { name: 'no-roll-forward', rule: 'What is half done is rolled forward.', within: 200, edits: [decide('roles', 'highestPromise(members) > (holderOf(members).row?.epoch ?? 0);', 'false && highestPromise(members) > 0;')] },
];

const EPOCHS: readonly Mutant[] = [
  { name: 'promise-forgotten', rule: 'Who lost its promise with its data receives nothing before A + 1 others know of no later epoch.', within: 200, edits: [act('rejoin', '  if (own.promise === undefined) await noLaterEpoch(crew, task);\n', '')] },
  { name: 'no-promise', rule: 'A quorum promises the epoch before a promotion.', within: 200, edits: [act('fence', '  await control.promise(epoch, undefined);\n', '')] },
  { name: 'set-before-epoch', rule: 'The highest epoch row wins, before any set is compared.', within: 200, edits: [decide('elect', 'voters.filter((member) => epochOf(member) === top)', 'voters.filter(() => top >= 0)')] },
  { name: 'errant-follower-refuses', rule: 'What another with the epoch row lacks, and is not its writer’s own, hinders no election.', within: 200, edits: [decide('elect', 'complete.length > 0 ? complete : withHistory(contenders)', 'complete')] },
  { name: 'not-all-contained', rule: 'The winner contains what the others have.', within: 200, edits: [decide('elect', 'fenced.every((other) => contains(status.executed, everything(other)))', 'fenced.some((other) => contains(status.executed, everything(other)))')] },
  { name: 'slow-primary-left-behind', rule: 'After an outage of all, nobody is elected without the last primary that is there.', within: 1000, edits: [act('failover', '  if (missing.length > 0) throw', '  if (missing.length > 9) throw'), act('failover', 'enough: must.length > 0 ? fence.length : needed', 'enough: needed'), act('failover', 'enough: needed === 0 || must.length > 0 ? seen.length', 'enough: needed === 0 ? seen.length')] },
  { name: 'unapplied-loses', rule: 'What lies in relay logs is applied before anybody is elected.', within: 200, edits: [decide('elect', 'if (waiting.length > 0) return', 'if (waiting.length > 9) return'), decide('elect', 'return holdingBack.length > 0 ?', 'return holdingBack.length > 9 ?')] },
  {
    name: 'clients-before-row', rule: 'Clients get in only after the epoch row is acknowledged.', within: 200,
    edits: [act('promote', '  await control.writeEpochRow(epoch);\n', '  await control.openAsPrimary();\n  await control.writeEpochRow(epoch);\n')],
  },
  { name: 'row-unacknowledged', rule: 'Commits wait for acknowledgements before the epoch row is written.', within: 200, edits: [act('control', ', GLOBAL rpl_semi_sync_source_enabled = ON`', '`')] },
];

const LOCKS: readonly Mutant[] = [
  { name: 'no-locks', rule: 'Every command runs in the session that holds the lock.', within: 200, edits: [act('lock', "row?.['got'] === 1", "row?.['got'] !== undefined")] },
  { name: 'no-quorum-of-locks', rule: 'An operator acts only while it holds N − A locks.', within: 800, edits: [act('locks', 'return this.all.filter(({ held }) => held).length >= this.#needed;', 'return this.all.some(({ held }) => held);')] },
  { name: 'sleeper-keeps-locks', rule: "The lease's holder ends the sessions that hold another's locks.", within: 200, edits: [act('lock', 'if (id > 0 && id !== this.#session?.id)', 'if (id < 0)')] },
  { name: 'kill-without-lease', rule: "Only the lease's holder ends another's sessions.", within: 200, edits: [act('locks', 'await platform.mayTakeLocks()', '(await platform.mayTakeLocks()) || true')] },
];

const DEMOTIONS: readonly Mutant[] = [
  {
    name: 'source-off-first', rule: 'Demotion closes the clients before the source side goes off.', within: 200,
    edits: [act('demote', "  await closeClients(crew, control);\n  try {\n    await control.run('SET GLOBAL rpl_semi_sync_source_enabled = OFF');\n", "  await control.run('SET GLOBAL rpl_semi_sync_source_enabled = OFF');\n  await closeClients(crew, control);\n  try {\n")],
  },
  { name: 'open-before-compare', rule: 'A member is closed until it was compared.', within: 200, edits: [act('rejoin', '  signal.throwIfAborted();\n  await stayWhereNeeded', '  await control.openAsReplica();\n  await stayWhereNeeded')] },
  { name: 'half-promoted-never-follow', rule: 'Half-promoted members are demoted and follow where nobody else can.', within: 200, edits: [act('election', 'const counting = able.filter((member) => counts(member));', 'const counting = able.filter((member) => counts(member) && !needsDemotion(member.status));')] },
];

const WIPES: readonly Mutant[] = [
  { name: 'wipe-without-copies', rule: 'Before a wipe A others have everything.', within: 200, edits: [decide('wipe', 'if (holders.length < needed)', 'if (holders.length < 0)')] },
  { name: 'wipe-while-receiving', rule: 'Nothing is received between the verdict and the wipe.', within: 200, edits: [act('rejoin', '  await controlOf(crew, member).stopReceiver();\n  const verdict', '  const verdict'), act('rejoin', "  throw new Error(`${member} must be re-seeded, but not yet: ${verdict.reason}`);\n}\n\n/** It counts", '  return reseed(crew, task);\n}\n\n/** It counts')] },
  { name: 'wipe-without-restart', rule: "Before a wipe the member is restarted, so that its last binlog is kept.", within: 200, edits: [act('reseed', 'const saved = errant.size === 0 ||', 'const saved = errant.size >= 0 ||')] },
  { name: 'wipes-side-by-side', rule: 'Two wipes never rely on each other.', within: 200, edits: [act('turns', '    await before;\n', '    void before;\n')] },
  { name: 'given-up-copies', rule: 'Who is given up holds no copy.', within: 600, edits: [decide('wipe', '!status.isGivenUp && ', '')] },
  { name: 'errant-donor', rule: 'The donor of a copy has nothing that the primary lacks.', within: 1000, edits: [act('reseed', 'sameGtidSet(status.executed, primarySet)', 'subtract(primarySet, status.executed).size === 0'), act('reseed', 'formatGtidSet, sameGtidSet }', 'formatGtidSet, subtract }')] },
  { name: 'wiped-counts-at-once', rule: 'A wiped member counts only once it has everything.', within: 200, edits: [act('rejoin', '      await control.follow(source.address, own);\n', '      await control.promise(Math.max(own.row?.epoch ?? 1, own.promise?.epoch ?? 1), own.serverUuid);\n      await control.follow(source.address, own);\n')] },
];

const TRUST: readonly Mutant[] = [
  { name: 'settings-unseen', rule: 'A member whose settings keep no acknowledgement is no witness.', within: 200, edits: [decide('quorum', " && member.status.unsafe.length === 0;", ';')] },
  { name: 'mark-unseen', rule: '"All empty" is a first start only when all N answer and the mark is not there.', within: 200, edits: [decide('decide', 'if (missing.length > 0 || first === undefined)', 'if (first === undefined)'), decide('decide', 'if (!initialised || begun)', 'if (there.length > 0)'), act('bootstrap', 'platform.members.map(({ name }) => name)', "crew.watch.known().filter(({ contact }) => contact.kind === 'answers').map(({ name }) => name)")] },
  { name: 'receivers-stay-stopped', rule: 'A member with a broken applier goes on receiving while its re-seed must wait.', within: 200, edits: [act('rejoin', ' await controlOf(crew, member).startReceiver();', ' await Promise.resolve();')] },
];

/** Each rule's mutant. */
export const MUTANTS: readonly Mutant[] = [...FENCES, ...EPOCHS, ...LOCKS, ...DEMOTIONS, ...WIPES, ...TRUST];
