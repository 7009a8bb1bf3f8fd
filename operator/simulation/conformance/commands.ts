import { quorum } from '../../../common/members.ts';
import { USERS } from '../../../common/names.ts';
import { firstStart } from '../../act/bootstrap.ts';
import { controlOf } from '../../act/crew.ts';
import { demote } from '../../act/demote.ts';
import { DeadlineError, SessionError } from '../../mysql/session.ts';
import type { Random } from '../random.ts';
import type { Stage } from './stage.ts';
import type { View } from './view.ts';

/** What is done to the members, one after the other. */
export type Command =
  | { readonly kind: 'write'; readonly member: number; readonly key: string }
  | { readonly kind: 'stop-receiver' | 'start-receiver' | 'stop-replica' | 'start-replica' | 'fence' | 'kill' | 'restart' | 'demote' | 'open-to-readers' | 'close'; readonly member: number }
  | { readonly kind: 'freeze'; readonly member: number; readonly at: number; readonly key: string }
  | { readonly kind: 'change-source' | 'clone'; readonly member: number; readonly of: number }
  | { readonly kind: 'promote' | 'promise'; readonly member: number; readonly epoch: number };

/** Every kind. */
export const KINDS: readonly Command['kind'][] = ['write', 'stop-receiver', 'start-receiver', 'stop-replica', 'start-replica', 'fence', 'kill', 'restart', 'demote', 'open-to-readers', 'close', 'freeze', 'change-source', 'clone', 'promote', 'promise'];

/** How long a client waits for its write, ms. */
const WRITE_MS = 1500;
const CONNECT_MS = 1000;
const SLOW_MS = 5000;
const CLONE_MS = 60_000;
/** How often the locks are tried at the start, and how far apart, ms. */
const [TAKES, TAKE_AGAIN_MS] = [50, 100];
/** Members of a stage. */
export const N = 3;

const WEIGHTS: readonly (readonly [Command['kind'], number])[] = [
  ['write', 9], ['stop-receiver', 2], ['start-receiver', 3], ['stop-replica', 1], ['start-replica', 3], ['change-source', 5], ['fence', 2], ['kill', 2], ['restart', 1], ['freeze', 1], ['promote', 3], ['demote', 2], ['clone', 1], ['promise', 1], ['open-to-readers', 2], ['close', 1],
];
const BAG = WEIGHTS.flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind));

/** The first command comes from the seed alone, each later one also from what is seen: nearly always one that makes sense there. */
export function nextCommand(random: Random, number: number, views: readonly View[]): Command {
  const member = random.whole(0, N - 1);
  const other = (member + random.whole(1, N - 1)) % N;
  const primary = views.findIndex((view) => view.open);
  const key = `k${number}`;
  const at = primary >= 0 && random.chance(0.8) ? primary : member;
  const kind = random.pick(BAG);
  switch (kind) {
    case 'write': return { kind, member: at, key };
    case 'freeze': return { kind, member, at, key };
    case 'change-source': return { kind, member, of: primary >= 0 && primary !== member && random.chance(0.8) ? primary : other };
    // mysqld refuses, or waits for commits that hang, in ways that the operator never meets.
    case 'clone': return views[member]?.closed === true && views[other]?.waiting === 0 ? { kind, member, of: other } : { kind: 'write', member: at, key };
    case 'promote': case 'promise': return { kind, member, epoch: number + 1 };
    case 'stop-receiver': case 'start-receiver': case 'stop-replica': case 'start-replica': case 'fence': case 'kill': case 'restart': case 'demote': case 'open-to-readers': case 'close': return { kind, member };
  }
  return kind satisfies never;
}

/** In words. */
export const describeCommand = ({ kind, member, ...rest }: Command): string => `${kind} mysql-${member}${'of' in rest ? ` of mysql-${rest.of}` : ''}${'at' in rest ? ` during a write to mysql-${rest.at}` : ''}${'epoch' in rest ? ` epoch ${rest.epoch}` : ''}`;

/** Does it, and says what came of it: `ok`, MySQL's error number, or that there was no answer. Never rejects. */
export async function perform(stage: Stage, command: Command): Promise<string> {
  const held = await Promise.all(stage.crew.locks.all.map((lock) => lock.take()));
  if (held.filter(Boolean).length < quorum(N)) return 'too few answer';
  try {
    return (await act(stage, command)) ?? 'ok';
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): string {
  if (error instanceof DeadlineError) return 'no answer';
  if (error instanceof SessionError && error.code === 'ETIMEDOUT') return 'no answer';
  if (error instanceof SessionError) return error.errno === undefined ? 'no connection' : `error ${error.errno}`;
  return error instanceof Error ? error.message : String(error);
}

// oxlint-disable-next-line complexity -- one case per kind
async function act(stage: Stage, command: Command): Promise<string | undefined> {
  const { crew } = stage;
  const name = `mysql-${command.member}`;
  const control = controlOf(crew, name);
  switch (command.kind) {
    case 'write': return write(stage, command.member, command.key);
    case 'stop-receiver': await control.stopReceiver(); return undefined;
    case 'start-receiver': await control.startReceiver(); return undefined;
    case 'stop-replica': await control.stopReplica(); return undefined;
    case 'start-replica': await control.run(`START REPLICA FOR CHANNEL ''`, SLOW_MS); return undefined;
    case 'change-source': {
      await control.stopReceiver();
      const { host, port } = controlOf(crew, `mysql-${command.of}`).address;
      await control.follow({ host, port }, await control.status());
      return undefined;
    }
    case 'fence': await control.fence(await control.status()); return undefined;
    case 'promise': await control.promise(command.epoch, undefined); return undefined;
    case 'kill': await stage.kill(command.member); return undefined;
    case 'restart': await control.restart(); return undefined;
    case 'freeze': return freezeDuring(stage, command);
    case 'promote': {
      await control.becomeSource(1, await control.status());
      await control.writeEpochRow(command.epoch);
      await control.openAsPrimary();
      return undefined;
    }
    case 'demote': return demote(crew, name);
    case 'open-to-readers': await control.openAsReplica(); return undefined;
    case 'close': await control.run('SET GLOBAL offline_mode = ON'); return undefined;
    case 'clone': return clone(stage, command.member, command.of);
  }
  return command satisfies never;
}

async function write({ crew, open, writeStatement, waiting }: Stage, member: number, key: string): Promise<string> {
  const session = await open({ member: controlOf(crew, `mysql-${member}`).address, login: { user: USERS.service, password: PASSWORD.service }, via: 'clients', deadlineMs: CONNECT_MS });
  try {
    await session.query(writeStatement, WRITE_MS, [key]);
    session.end();
    return 'ok';
  } catch (error) {
    if (error instanceof DeadlineError) waiting.push(session);
    else session.end();
    throw error;
  }
}

/** Passwords of the accounts on a stage. */
export const PASSWORD = { service: '' };

async function freezeDuring(stage: Stage, { member, at, key }: Extract<Command, { kind: 'freeze' }>): Promise<string> {
  await stage.freeze(member);
  const written = await write(stage, at, key).catch(outcomeOf);
  await stage.thaw(member);
  return written;
}

async function clone({ crew }: Stage, member: number, donor: number): Promise<undefined> {
  const control = controlOf(crew, `mysql-${member}`);
  const { host, port } = controlOf(crew, `mysql-${donor}`).address;
  await control.stopReplica();
  await control.run('SET GLOBAL read_only = ON, GLOBAL super_read_only = OFF');
  await control.run('SET GLOBAL clone_valid_donor_list = ?', undefined, [`${host}:${port}`]);
  await control.run(`CLONE INSTANCE FROM '${USERS.replication}'@?:${port} IDENTIFIED BY ?`, CLONE_MS, [host, control.replicationPassword]).catch((error: unknown) => {
    // The recipient ends its mysqld when it is done.
    if (!(error instanceof SessionError && (error.errno === undefined || error.errno === 3707))) throw error;
  });
  await control.gone();
  return undefined;
}

/** The first start, as the operator does it, and a table for the writes. */
export async function begin({ crew }: Stage): Promise<void> {
  for (let tries = 0; tries < TAKES && !crew.locks.all.every(({ held }) => held); tries += 1) {
    await Promise.all(crew.locks.all.map((lock) => lock.take()));
    await crew.clock.sleep(TAKE_AGAIN_MS);
  }
  await firstStart(crew, 'mysql-0');
}
