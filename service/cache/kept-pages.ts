import type { KeptPage } from './ports.ts';

/** Characters of all pages together that a process keeps, at most. */
const MOST_CHARACTERS = 16_000_000;

/** The pages that this process read last; whether one may still be used is for the change log to say. */
export class KeptPages {
  private readonly pages = new Map<string, KeptPage>();
  private readonly most: number;
  private characters = 0;

  /** @param most characters of all pages together */
  constructor(most = MOST_CHARACTERS) {
    this.most = most;
  }

  get(key: string): KeptPage | undefined {
    return this.pages.get(key);
  }

  /** Keeps a page in the place of the one before; those that were kept longest ago make room. */
  keep(key: string, page: KeptPage): void {
    this.drop(key);
    this.pages.set(key, page);
    this.characters += sizeOf(key, page);
    for (const oldest of this.pages.keys()) {
      if (this.characters <= this.most) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    const page = this.pages.get(key);
    if (page === undefined) return;
    this.pages.delete(key);
    this.characters -= sizeOf(key, page);
  }
}

/** A page of an empty text takes room too. */
const sizeOf = (key: string, { page }: KeptPage): number => key.length + page.length + 200;
