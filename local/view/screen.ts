import type { WriteStream } from 'node:tty';

const ESCAPE = '\u001B[';
/** A terminal that knows it shows what lies between these two at once; one that does not ignores them. */
const [BEGIN_FRAME, END_FRAME] = [`${ESCAPE}?2026h`, `${ESCAPE}?2026l`];
const [HIDE_CURSOR, SHOW_CURSOR] = [`${ESCAPE}?25l`, `${ESCAPE}?25h`];

// Escape sequences of colours take no room.
// oxlint-disable-next-line no-control-regex
const PIECES = /\u001B\[[0-9;]*m|./gu;

/** Columns where a terminal does not say how many it has. */
const USUAL_COLUMNS = 80;

/** Rows likewise. */
const USUAL_ROWS = 24;

/** @param said by the terminal; some say nothing, or 0 */
export const usableColumns = (said: number | undefined): number => (said === undefined || said < 1 ? USUAL_COLUMNS : said);
const usableRows = (said: number | undefined): number => (said === undefined || said < 1 ? USUAL_ROWS : said);

/** Columns that a line takes. */
const widthOf = (line: string): number => [...line.matchAll(PIECES)].filter(([piece]) => !piece.startsWith(ESCAPE)).length;

/** Cuts a line to a number of columns, keeping its colours. */
export function cut(line: string, columns: number): string {
  let room = columns;
  let kept = '';
  for (const [piece] of line.matchAll(PIECES)) {
    const isColour = piece.startsWith(ESCAPE);
    if (!isColour) room -= 1;
    if (isColour || room >= 0) kept += piece;
  }
  return kept;
}

/**
 * Rows that lines take which were drawn before the terminal became this wide: narrower, it breaks each that is too long.
 */
export const heightOf = (lines: readonly string[], columns: number): number => lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);

/**
 * What to write so that new lines replace the last ones, without clearing them first.
 * @param height rows that the last ones take now
 */
export function frame(lines: readonly string[], height: number, columns: number): string {
  const up = height === 0 ? '' : `${ESCAPE}${height}A`;
  // Behind a full line, clearing the rest would clear its last character.
  const drawn = lines.map((line) => `${cut(line, columns)}${widthOf(line) < columns ? `${ESCAPE}K` : ''}\n`);
  return `${BEGIN_FRAME}${up}\r${drawn.join('')}${ESCAPE}J${END_FRAME}`;
}

/** The last lines of a terminal, drawn anew again and again; other lines scroll by above them. */
export class Screen {
  readonly #terminal: WriteStream;
  /** As they were cut. */
  #drawn: readonly string[] = [];

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
    terminal.write(HIDE_CURSOR);
    terminal.on('resize', this.#redraw);
  }

  /** Columns of a line. */
  get columns(): number {
    return usableColumns(this.#terminal.columns);
  }

  /** Lines that fit. */
  get rows(): number {
    return Math.max(4, usableRows(this.#terminal.rows) - 1);
  }

  /** Replaces what was drawn. */
  draw(lines: readonly string[]): void {
    const { columns } = this;
    const fitting = lines.slice(0, this.rows);
    this.#terminal.write(frame(fitting, heightOf(this.#drawn, columns), columns));
    this.#drawn = fitting.map((line) => cut(line, columns));
  }

  /** Leaves what was drawn where it is; what is drawn next comes below. */
  keep(): void {
    this.#drawn = [];
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.keep();
    this.#terminal.off('resize', this.#redraw);
    this.#terminal.write(SHOW_CURSOR);
  }

  readonly #redraw = (): void => {
    if (this.#drawn.length > 0) this.draw(this.#drawn);
  };
}
