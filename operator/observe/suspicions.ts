import { intersection, subtract } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';

/** What a member and the primary said of themselves; times on the operator's monotonic clock, ms. */
export interface Look {
  readonly executed: GtidSet;
  readonly answeredAt: number;
  readonly primary: { readonly uuid: string; readonly executed: GtidSet; readonly askedAt: number };
  readonly now: number;
}

/** What a member showed and the primary did not. */
interface Suspicion {
  readonly extra: GtidSet;
  readonly answeredAt: number;
  /** server_uuid of the primary that it was compared with. */
  readonly primary: string;
  /** When that primary, asked later, still did not have it. */
  readonly confirmedAt: number | undefined;
}

/**
 * Which members show transactions that the primary lacks. For a moment that is as it should be: answers are of different
 * times, and a replica may apply a transaction before the primary, having its acknowledgement, shows it.
 */
export class Suspicions {
  readonly #of = new Map<string, Suspicion>();

  /** For how long it has been certain of a member, ms; 0 when nothing is strange there. */
  look(member: string, { executed, answeredAt, primary, now }: Look): number {
    const known = this.#of.get(member);
    const before = known?.primary === primary.uuid ? known : undefined;
    const extra = subtract(before === undefined ? executed : intersection(before.extra, executed), primary.executed);
    if (extra.size === 0 || before === undefined) {
      if (extra.size === 0) this.#of.delete(member);
      else this.#of.set(member, { extra, answeredAt, primary: primary.uuid, confirmedAt: undefined });
      return 0;
    }
    if (primary.askedAt < before.answeredAt) return 0;
    const confirmedAt = before.confirmedAt ?? now;
    this.#of.set(member, { ...before, confirmedAt });
    return now - confirmedAt;
  }

  /** Whatever was suspected of a member. */
  forget(member: string): void {
    this.#of.delete(member);
  }

  /** All of it. */
  clear(): void {
    this.#of.clear();
  }
}
