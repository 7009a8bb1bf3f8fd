import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked } from './traffic.ts';

/** A request that was answered; times in milliseconds of `performance.now()`. */
export interface Answered {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
}

/** How writers work. */
export interface WritersOrder {
  readonly url: string;
  readonly asked: Asked;
  readonly clients: number;
  /** Milliseconds between an answer and the next request of a client. */
  readonly pauseMs: number;
}

/** Clients that send the same write over and over, without any retry, and note when each was answered. */
export class Writers {
  readonly answered: Answered[] = [];
  /** Requests that got no answer, or not 201. */
  failed = 0;
  readonly #order: WritersOrder;
  readonly #agent: Agent;
  readonly #over = new AbortController();
  readonly #clients: Promise<unknown>;

  constructor(order: WritersOrder) {
    this.#order = order;
    this.#agent = new Agent({ keepAlive: true, maxSockets: order.clients });
    this.#clients = Promise.all(Array.from({ length: order.clients }, () => this.#client()));
  }

  /** Lets what is under way come to its end. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#clients;
    this.#agent.destroy();
  }

  async #client(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const sentAt = performance.now();
      const status = await this.#send().catch(() => 0);
      const at = performance.now();
      if (status === 201) this.answered.push({ at, ms: at - sentAt, status });
      else this.failed += 1;
      if (this.#order.pauseMs > 0) await sleep(this.#order.pauseMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  #send(): Promise<number> {
    const { url, asked: { method, path, body = '' } } = this.#order;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const sent = request(`${url}${path}`, { method, agent: this.#agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
    return promise;
  }
}
