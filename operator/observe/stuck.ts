import type { GtidSet } from '../../common/gtid.ts';

/** A login older than this says nothing of now: one is tried after each status that was given up, every second, ms. */
const LOGIN_MS = 2500;

/** What is known of the primary and of what has reached its replicas; times on the operator's monotonic clock, ms. */
export interface Reach {
  readonly primary: string;
  /** Its last status. */
  readonly answeredAt: number;
  /** Since when commits have hung in that status; when none did: {@link answeredAt}. */
  readonly hungAt: number;
  /** It last let the operator log in; undefined: never. */
  readonly openedAt: number | undefined;
  /** All that each of the others has received. */
  readonly received: readonly GtidSet[];
  readonly now: number;
}

/**
 * Notices a primary that lets clients in and then tells them nothing, while nothing more reaches its replicas: its disk
 * hangs. What mysqld has to look up for its status may itself need the disk (tried: 9.7.4, information_schema.processlist),
 * and its heartbeats go on. Who cannot be reached over the network lets nobody in.
 */
export class Stuck {
  #last: Pick<Reach, 'primary' | 'received'> & { readonly at: number } | undefined;

  /** To be asked at each look: for how long it has been so, ms; 0 when it is not. */
  look({ primary, answeredAt, hungAt, openedAt, received, now }: Reach): number {
    const last = this.#last;
    const stands = last?.primary === primary && last.received.length === received.length && received.every((set, index) => set === last.received[index]);
    const at = stands ? last.at : now;
    if (!stands) this.#last = { primary, received, at };
    const letsIn = openedAt !== undefined && openedAt > answeredAt && now - openedAt <= LOGIN_MS;
    return letsIn ? now - Math.max(hungAt, at) : 0;
  }
}
