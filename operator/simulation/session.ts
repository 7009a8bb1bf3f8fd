import { DeadlineError, SessionError } from '../mysql/session.ts';
import type { OpenSession, Row, Session, SessionOptions } from '../mysql/session.ts';
import type { Member } from './member.ts';
import type { Mysqld } from './mysqld.ts';
import type { Way } from './network.ts';
import type { Outcome, ServerSession } from './server.ts';
import { KERNEL } from './timeline.ts';
import type { Entry, Process } from './timeline.ts';
import { USERS } from '../../common/names.ts';
import type { World } from './world.ts';

/** Who connects: a process on a host. */
export interface Caller {
  readonly process: Process;
  readonly host: number;
}

const sessionError = (message: string, cause: { errno?: number; code: string }): SessionError => new SessionError(message, Object.assign(new Error(message), cause));
/** Made once: errors take long to make, and these are many. */
const LOST = sessionError('Connection lost: The server closed the connection.', { code: 'PROTOCOL_CONNECTION_LOST' });
const REFUSED = sessionError('connect ECONNREFUSED', { code: 'ECONNREFUSED' });
const ENDED = sessionError('ended by the operator', { code: 'ENDED' });
const OFFLINE = sessionError('The server is currently in offline mode', { errno: 3032, code: 'ER_SERVER_OFFLINE_MODE' });

/** The operator's and the clients' way to a simulated mysqld: same promises, same errors as {@link OpenSession} over the network. */
export const simulatedSessions = (world: World, caller: Caller): OpenSession => (options) => new Connecting(world, caller, options).promise;

/** One attempt to connect. */
class Connecting {
  readonly promise: Promise<Session>;
  readonly #world: World;
  readonly #caller: Caller;
  readonly #member: Member;
  readonly #up: Way;
  readonly #down: Way;
  #settle: { resolve: (session: Session) => void; reject: (error: Error) => void } | undefined;
  readonly #deadline: Entry;
  readonly #user: string;

  constructor(world: World, caller: Caller, { member, login, deadlineMs }: SessionOptions) {
    const index = world.addresses.findIndex(({ name }) => name === member.name);
    const target = world.members[index];
    if (target === undefined) throw new Error(`There is no simulated member ${member.name}.`);
    this.#world = world;
    this.#caller = caller;
    this.#member = target;
    this.#user = login.user;
    this.#up = { from: caller.host, to: index, last: 0 };
    this.#down = { from: index, to: caller.host, last: 0 };
    const { promise, resolve, reject } = Promise.withResolvers<Session>();
    this.promise = promise;
    this.#settle = { resolve, reject };
    this.#deadline = world.timeline.deadline(deadlineMs, () => this.#fail(new DeadlineError(`Connecting to ${member.name}: no answer within ${deadlineMs} ms`)), caller.process);
    world.network.send(this.#up, () => this.#arrive(), KERNEL);
  }

  /** At the machine: nobody listens, or mysqld's own answer, when it runs. */
  #arrive(): void {
    const { mysqld, isOff } = this.#member;
    if (isOff) return;
    if (mysqld === undefined || mysqld.stopping) this.#world.timeline.after(this.#member.refusalMs(this.#caller.host), () => this.#reply(() => this.#fail(REFUSED)), KERNEL);
    else this.#world.timeline.after(0, () => this.#accept(mysqld), mysqld.process, 'packet');
  }

  #accept(mysqld: Mysqld): void {
    if (mysqld.offline && this.#user === USERS.service) {
      this.#reply(() => this.#fail(OFFLINE));
      return;
    }
    const client = new ClientSession(this.#world, { caller: this.#caller, up: this.#up, mysqld });
    const session = mysqld.open({
      user: this.#user, peer: this.#caller.process, toPeer: this.#down, alive: true, killed: false, running: undefined, queue: [], spokeAt: this.#world.timeline.now, waitTimeoutMs: 28_800_000, lockWaitMs: 31_536_000_000, mark: '',
      answer: (statement, outcome) => client.answered(statement, outcome), loss: () => client.lose(LOST),
    });
    client.server = session;
    this.#reply(() => this.#succeed(client));
  }

  #reply(call: () => void): void {
    this.#world.network.send(this.#down, call, this.#caller.process);
  }

  #fail(error: Error): void {
    this.#deadline.call = undefined;
    this.#settle?.reject(error);
    this.#settle = undefined;
  }

  #succeed(session: ClientSession): void {
    this.#deadline.call = undefined;
    if (this.#settle === undefined) session.end();
    else this.#settle.resolve(session);
    this.#settle = undefined;
  }
}

interface Pending {
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: Entry;
}

/** The client's side of a connection. */
class ClientSession implements Session {
  readonly lost: Promise<Error>;
  alive = true;
  server: ServerSession | undefined;
  readonly #world: World;
  readonly #caller: Caller;
  readonly #up: Way;
  readonly #mysqld: Mysqld;
  readonly #pending = new Map<number, Pending>();
  readonly #tellLost: (error: Error) => void;
  #statements = 0;

  constructor(world: World, { caller, up, mysqld }: { readonly caller: Caller; readonly up: Way; readonly mysqld: Mysqld }) {
    this.#world = world;
    this.#caller = caller;
    this.#up = up;
    this.#mysqld = mysqld;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#tellLost = resolve;
  }

  get id(): number {
    return this.server?.id ?? 0;
  }

  query(sql: string, deadlineMs: number, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Row[]>();
    const statement = (this.#statements += 1);
    if (!this.alive) {
      reject(LOST);
      return promise;
    }
    const deadline = this.#world.timeline.deadline(deadlineMs, () => reject(new DeadlineError(`${this.#mysqld.member.name}: ${sql.slice(0, 80)}: no answer within ${deadlineMs} ms`)), this.#caller.process);
    this.#pending.set(statement, { resolve, reject, deadline });
    const { server } = this;
    const sentAt = this.#world.timeline.now;
    if (server !== undefined) this.#world.network.send(this.#up, () => this.#mysqld.receive(server, { statement, sql, values, sentAt }), this.#mysqld.process);
    return promise;
  }

  answered(statement: number, outcome: Outcome): void {
    const pending = this.#pending.get(statement);
    this.#pending.delete(statement);
    if (pending === undefined) return;
    pending.deadline.call = undefined;
    if ('rows' in outcome) pending.resolve(outcome.rows);
    else pending.reject(sessionError(outcome.message, { errno: outcome.errno, code: `ER_${outcome.errno}` }));
  }

  lose(error: Error): void {
    if (!this.alive) return;
    this.alive = false;
    for (const { reject, deadline } of this.#pending.values()) {
      deadline.call = undefined;
      reject(error);
    }
    this.#pending.clear();
    this.#tellLost(error);
  }

  end(): void {
    if (!this.alive) return;
    this.lose(ENDED);
    const { server } = this;
    if (server !== undefined) this.#world.network.send(this.#up, () => this.#mysqld.hangUp(server), this.#mysqld.process);
  }
}
