import type { Socket } from 'node:net';

/** How a network treats what is sent over it. */
export interface Weather {
  /** Each way, in milliseconds. */
  readonly delayMs: number;
  /** The part of what is sent, 0 to 1, that is lost and has to be sent again. */
  readonly lost: number;
}

export const FAIR: Weather = { delayMs: 0, lost: 0 };

/** What is lost is sent again after so long, the shortest time that Linux waits for; what follows has to wait for it. */
const AGAIN_MS = 200;

/** More is not taken in while it waits. */
const MOST_WAITING = 1024 * 1024;

/** One way of a connection: copies what one side says to the other, later if the weather says so, or not at all while it is held. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => Weather;
  readonly #waiting: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  #waitingBytes = 0;
  #isHeld = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param weather asked for each piece that is sent */
  constructor(from: Socket, to: Socket, weather: () => Weather) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    to.on('drain', () => this.#resume());
    from.on('close', () => clearTimeout(this.#timer));
  }

  /** Lets nothing through from now on, or everything again. */
  hold(): void {
    this.#isHeld = true;
    this.#from.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.#resume();
    this.#send();
  }

  #take(chunk: Buffer): void {
    const { delayMs, lost } = this.#weather();
    const againMs = lost > 0 && Math.random() < lost ? AGAIN_MS : 0;
    const dueMs = Math.max(performance.now() + delayMs + againMs, this.#waiting.at(-1)?.dueMs ?? 0);
    this.#waiting.push({ chunk, dueMs });
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MOST_WAITING) this.#from.pause();
    this.#send();
  }

  /** Sends what is due, in its order, and comes back for the rest. */
  #send(): void {
    clearTimeout(this.#timer);
    while (!this.#isHeld) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const inMs = first.dueMs - performance.now();
      if (inMs > 0) {
        this.#timer = setTimeout(() => this.#send(), inMs);
        return;
      }
      this.#waiting.shift();
      this.#waitingBytes -= first.chunk.length;
      if (this.#to.write(first.chunk)) this.#resume();
      else this.#from.pause();
    }
  }

  #resume(): void {
    if (!this.#isHeld && this.#waitingBytes <= MOST_WAITING && !this.#to.writableNeedDrain) this.#from.resume();
  }
}
