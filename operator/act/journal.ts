import type { OperatorEvent } from '../ports.ts';

/** How many events are kept. */
const KEPT = 100;

/** What an event may have besides its text. */
export interface EventDetails {
  readonly member?: string;
  readonly durationMs?: number;
}

/** Keeps the last events and passes each on. */
export class Journal {
  readonly #events: OperatorEvent[] = [];
  readonly #listen: (event: OperatorEvent) => void;
  #last = '';

  /** @param listen called with each event, for the log */
  constructor(listen: (event: OperatorEvent) => void) {
    this.#listen = listen;
  }

  /** The last events, oldest first. */
  get events(): readonly OperatorEvent[] {
    return this.#events;
  }

  /** Notes what happened; the same text twice in a row is noted once. */
  note(text: string, details: EventDetails = {}): void {
    if (text === this.#last) return;
    this.#last = text;
    const event: OperatorEvent = { at: new Date().toISOString(), text, ...details };
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
    this.#listen(event);
  }
}
