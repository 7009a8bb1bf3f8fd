import { type Page, readPageText } from '../reads/pages.ts';
import type { CursorCodec } from './cursor.ts';

/** A page as it is read, with what follows it. */
export interface ReadPage extends Page {
  /** Cursor of the next page, as text. */
  readonly after?: string;
}

/** So many texts are kept, read: a few pages are asked for far more often than all others. */
const KEPT = 64;

/** Reads the texts of pages; of a text that came lately it is known already what it says, its signature among it. */
export class PageTexts {
  readonly #cursors: CursorCodec;
  readonly #known = new Map<string, ReadPage>();

  constructor(cursors: CursorCodec) {
    this.#cursors = cursors;
  }

  /** @returns undefined for a property that does not exist */
  read(text: string): ReadPage | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const page = readPageText(text);
    if (page === undefined) return undefined;
    const read = page.next === undefined ? page : { ...page, after: this.#cursors.write(page.next) };
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < KEPT) break;
      this.#known.delete(oldest);
    }
    this.#known.set(text, read);
    return read;
  }
}
