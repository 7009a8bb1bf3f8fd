import { bar as plainBar } from '../../common/reports.ts';

const WIDTH = 20;

/** A bar with what goes on, for a terminal line. @param share done of all, 0 to 1 */
export const bar = (share: number, text: string, columns: number): string => `${plainBar(share, WIDTH)} ${text}`.slice(0, Math.max(0, columns - 1));

/** Where progress is shown. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows how far it is: one line that changes on a terminal, else a line for each step. */
export class ProgressBar {
  readonly #screen: Screen;
  readonly #cases: number;
  #done = 0;
  #name = '';

  constructor(screen: Screen, cases: number) {
    this.#screen = screen;
    this.#cases = cases;
  }

  /** A case begins. */
  begin(name: string): void {
    this.#name = name;
    this.step('');
  }

  /** It goes on. */
  step(text: string): void {
    const line = `${this.#done + 1} of ${this.#cases}  ${this.#name}${text === '' ? '' : `  ${text}`}`;
    if (this.#screen.isTTY === true) this.#screen.write(`\r\u001b[2K${bar(this.#done / this.#cases, line, this.#screen.columns ?? 80)}`);
    else this.#screen.write(`${line}\n`);
  }

  /** It has ended. */
  end(): void {
    this.#done += 1;
  }

  /** Nothing goes on any more: the line is taken away. */
  clear(): void {
    if (this.#screen.isTTY === true) this.#screen.write('\r\u001b[2K');
  }
}
