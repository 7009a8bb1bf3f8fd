import type { KeptPage, LogAnswer, LoggedChange } from './ports.ts';
import { affects } from './extent.ts';
import { compareVersions } from './version.ts';

/** So many entries are kept, here and in Redis; a page that lacks more of them is made anew. */
export const LOG_ENTRIES = 10_000;

/**
 * What this process knows of the change log of one turn-on of the cache: the entries in the order in which Redis got them, which
 * need not be that of their commits. A page has in it whatever was logged up to its own number, and every write up to its version.
 */
export class ChangeLog {
  /** The turn-on's, as its target names it. */
  readonly nonce: string;
  private entries: LoggedChange[] = [];
  /** Number of the last entry that is not known any more. */
  private base = 0;

  constructor(nonce: string) {
    this.nonce = nonce;
  }

  /** Number of the last entry known. */
  get seq(): number {
    return this.base + this.entries.length;
  }

  /**
   * Takes what Redis answered.
   * @param asked the number that was said to be known; an answer to another question than the last is left
   */
  learn({ seq, entries }: Extract<LogAnswer, { kind: 'log' }>, asked: number): void {
    if (asked !== this.seq) return;
    if (entries === undefined) {
      this.entries = [];
      this.base = seq;
      return;
    }
    this.entries.push(...entries);
    // In large steps: each moves all that are left.
    if (this.entries.length > LOG_ENTRIES * 1.25) this.base += this.entries.splice(0, this.entries.length - LOG_ENTRIES).length;
  }

  /** True when nothing that was logged makes another page of it. */
  isStill({ seq, version, extent }: KeptPage): boolean {
    if (seq < this.base) return false;
    for (let index = seq - this.base; index < this.entries.length; index += 1) {
      const entry = this.entries[index] as LoggedChange;
      if (compareVersions(entry, version) > 0 && (entry.change === undefined || affects(entry.change, extent))) return false;
    }
    return true;
  }
}
