import type { Paint } from './table.ts';

/** What goes on while a stack starts: one line per topic, its latest text. */
export interface Progress {
  /** Something goes on. */
  readonly busy: (topic: string, text: string) => void;
  /** It is done. */
  readonly done: (topic: string, text: string) => void;
}

interface Line {
  readonly topic: string;
  text: string;
  isDone: boolean;
}

/** Keeps the lines, and tells whoever shows them of each call. */
export class ProgressLines implements Progress {
  readonly #lines: Line[] = [];
  readonly #changed: (topic: string, text: string, state: 'busy' | 'done') => void;

  constructor(changed: (topic: string, text: string, state: 'busy' | 'done') => void = () => {}) {
    this.#changed = changed;
  }

  busy(topic: string, text: string): void {
    this.#set(topic, text, 'busy');
  }

  done(topic: string, text: string): void {
    this.#set(topic, text, 'done');
  }

  /** Begins anew: the lines so far are none of its any more. */
  clear(): void {
    this.#lines.length = 0;
  }

  /** The lines for a terminal. */
  lines(paint: Paint): readonly string[] {
    const width = Math.max(0, ...this.#lines.map(({ topic }) => topic.length));
    return this.#lines.map(({ topic, text, isDone }) => `${isDone ? paint('✓', 'good') : paint('…', 'bold')} ${topic.padEnd(width)}  ${isDone ? text : paint(text, 'dim')}`);
  }

  #set(topic: string, text: string, state: 'busy' | 'done'): void {
    const isDone = state === 'done';
    const line = this.#lines.find((one) => one.topic === topic);
    if (line === undefined) this.#lines.push({ topic, text, isDone });
    else Object.assign(line, { text, isDone });
    this.#changed(topic, text, state);
  }
}

/** Milliseconds between two lines on the same topic where each stays. */
export const QUIET_MS = 3000;

/**
 * Turns changes into lines that stay, as in a file: what is done always, what goes on not more often than
 * {@link QUIET_MS} for each topic.
 * @param now milliseconds
 */
export function plainProgress(write: (line: string) => void, now: () => number): ProgressLines {
  const written = new Map<string, { readonly line: string; readonly at: number }>();
  return new ProgressLines((topic, text, state) => {
    const last = written.get(topic);
    const line = `${topic}: ${text}`;
    if (last?.line === line || (state === 'busy' && last !== undefined && now() - last.at < QUIET_MS)) return;
    written.set(topic, { line, at: now() });
    write(line);
  });
}
