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
   * A failover that is refused, with loss. Without a body it answers what would be lost, `{ ok, text, plan, lost }` with
   * `lost` a list of {@link Loss}; with `{ "plan": … }` of that answer it is carried out, if nothing has changed since.
   */
  failover: '/failover',
} as const;

/** A part of what a failover with loss would lose. */
export interface Loss {
  /** Who has these transactions, or may have them. */
  readonly member: string;
  /** How many; null when nobody who answers can tell. */
  readonly count: number | null;
  /** GTID set, '' when nobody can tell. */
  readonly gtids: string;
  /** Why they would be lost, or why nobody can tell, without a full stop. */
  readonly reason: string;
}

/**
 * The token for {@link OPERATOR_API}: whoever can read the secrets may use it; a web page in a browser on this machine
 * cannot.
 * @param operatorPassword password of the MySQL account of the operator
 */
export const operatorToken = (operatorPassword: string): string => createHash('sha256').update(`holdfast operator api:${operatorPassword}`).digest('hex');
