import type { Mysqld } from './mysqld.ts';
import type { Way } from './network.ts';
import type { Process } from './timeline.ts';

/** What a statement came to. */
export type Outcome = { readonly rows: readonly Readonly<Record<string, unknown>>[] } | { readonly errno: number; readonly message: string };

/** Called once with what a statement came to. */
export type Done = (outcome: Outcome) => void;

/** No rows, no error. */
export const OK: Outcome = { rows: [] };

/** A statement as it was sent. */
export interface Sent {
  readonly statement: number;
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly sentAt: number;
}

/** mysqld's side of a connection. */
export interface ServerSession {
  readonly id: number;
  readonly user: string;
  /** The process at the other end. */
  readonly peer: Process;
  readonly toPeer: Way;
  /** Runs at the other end when an answer arrives. */
  readonly answer: (statement: number, outcome: Outcome) => void;
  /** Runs at the other end when the connection is lost. */
  readonly loss: () => void;
  /** The client can still be told something. */
  alive: boolean;
  /** KILL came; what it waits for is not over. */
  killed: boolean;
  /** What runs now: its number, and what ends it early, where that is possible. */
  running: { readonly statement: number; readonly sentAt: number; interrupt: ((outcome: Outcome) => void) | undefined } | undefined;
  readonly queue: Sent[];
  spokeAt: number;
  waitTimeoutMs: number;
  lockWaitMs: number;
  /** The name of a lock that it alone holds; '' for none. */
  mark: string;
}

/** A statement with its values, and whom to tell what it came to. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly done: Done;
}

/** Does what a statement does; calls `done` once, or never. */
export type Handler = (mysqld: Mysqld, session: ServerSession, statement: Statement) => void;
