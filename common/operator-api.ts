import { createHash } from 'node:crypto';

/**
 * What a person may ask of the operator: `POST` to its status port, on loopback only, with the token as
 * `authorization: Bearer …`. Each answers JSON: 200 `{ ok: true, text }`, or 4xx `{ ok: false, text }` with the reason.
 */
export const OPERATOR_API = {
  /** Maintenance: the operator observes and decides, and does nothing. */
  pause: '/pause',
  resume: '/resume',
  /** Another primary; `{ "to": "mysql-1" }` names whom, else any. Answers when it is done. */
  switchover: '/switchover',
  /**
   * A failover that is refused, with loss. Without a body it answers what would be lost, a {@link FailoverOffer}; with
   * `{ "plan": … }` of that answer it is carried out, if nothing has changed since.
   */
  failover: '/failover',
} as const;

/** What a failover with loss would do, for a person to decide on. */
export interface FailoverOffer {
  /** All of it in words, with every transaction that is known to be lost by it. */
  readonly text: string;
  /** Names this offer. */
  readonly plan: string;
  /** Who would be promoted. */
  readonly member: string;
  /** Known transactions that would be lost: a GTID set, and how many that are. */
  readonly lost: string;
  readonly lostCount: number;
  /** Members that may have more than they last showed: that would be lost as well. */
  readonly away: readonly string[];
}

/**
 * The token for {@link OPERATOR_API}: whoever can read the secrets may use it; a web page in a browser on this machine
 * cannot.
 * @param operatorPassword password of the MySQL account of the operator
 */
export const operatorToken = (operatorPassword: string): string => createHash('sha256').update(`holdfast operator api:${operatorPassword}`).digest('hex');
