import type { Crew } from '../../act/crew.ts';
import type { OpenSession, Session } from '../../mysql/session.ts';
import type { RawStatus } from '../../observe/status.ts';

/** Three members, real or simulated, with the operator's own code to command them. */
export interface Stage {
  readonly crew: Crew;
  readonly open: OpenSession;
  /** How one write is said there; its values are the key. */
  readonly writeStatement: string;
  /** kill -9; it is started again by whatever supervises it. */
  readonly kill: (member: number) => Promise<void>;
  readonly freeze: (member: number) => Promise<void>;
  readonly thaw: (member: number) => Promise<void>;
  /** What the status statement shows; undefined while it does not answer. */
  readonly status: (member: number) => Promise<RawStatus | undefined>;
  /** Sessions whose write was not answered: they stay until the end. */
  readonly waiting: Session[];
}
