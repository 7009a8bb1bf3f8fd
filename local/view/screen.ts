import type { WriteStream } from 'node:tty';

const ESCAPE = '\u001B[';
/** A terminal that knows it shows what lies between these two at once; one that does not ignores them. */
const [BEGIN_FRAME, END_FRAME] = [`${ESCAPE}?2026h`, `${ESCAPE}?2026l`];
const [HIDE_CURSOR, SHOW_CURSOR] = [`${ESCAPE}?25l`, `${ESCAPE}?25h`];

// Escape sequences of colours take no room.
// oxlint-disable-next-line no-control-regex
const PIECES = /\u001B\[[0-9;]*m|./gu;

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
 * What to write so that new lines replace the last ones, without clearing them first.
 * @param height lines that stand there now
 */
export function frame(lines: readonly string[], height: number, columns: number): string {
  const up = height === 0 ? '' : `${ESCAPE}${height}A`;
  return `${BEGIN_FRAME}${up}\r${lines.map((line) => `${cut(line, columns)}${ESCAPE}K\n`).join('')}${ESCAPE}J${END_FRAME}`;
}

/** The last lines of a terminal, drawn anew again and again; other lines scroll by above them. */
export class Screen {
  readonly #terminal: WriteStream;
  #height = 0;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
    terminal.write(HIDE_CURSOR);
  }

  /** Lines that fit. */
  get rows(): number {
    return Math.max(4, this.#terminal.rows - 1);
  }

  /** Replaces what was drawn. */
  draw(lines: readonly string[]): void {
    const fitting = lines.slice(0, this.rows);
    this.#terminal.write(frame(fitting, this.#height, this.#terminal.columns));
    this.#height = fitting.length;
  }

  /** Leaves what was drawn where it is; what is drawn next comes below. */
  keep(): void {
    this.#height = 0;
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.keep();
    this.#terminal.write(SHOW_CURSOR);
  }
}
