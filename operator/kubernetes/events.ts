import { randomUUID } from 'node:crypto';
import type { OperatorEvent } from '../ports.ts';
import type { Api } from './api.ts';

/** Kubernetes keeps no longer message. */
const LONGEST = 1024;
/** Events that wait for the API server; older ones are dropped, since the log has them all. */
const WAITING = 50;
const WARNING = /refused|tried again|errant|never had|could not|taken away/;

/** What an event is about. */
export interface Subject {
  readonly name: string;
  readonly uid: string;
}

/** What {@link EventSender} needs. */
export interface EventSenderOptions {
  readonly api: Api;
  /** Of the namespace's events. */
  readonly path: string;
  readonly namespace: string;
  /** The pod that an event is about: a member's, else the operator's own. */
  readonly subject: (member: string | undefined) => Subject;
}

/** Tells what happens as Events on pods, so that `kubectl describe` does; one after the other, and never at the price of anything else. */
export class EventSender {
  readonly #options: EventSenderOptions;
  readonly #waiting: Readonly<Record<string, unknown>>[] = [];
  #sending = false;

  constructor(options: EventSenderOptions) {
    this.#options = options;
  }

  /** Sends it when that is possible. Never rejects. */
  send(event: OperatorEvent): void {
    this.#waiting.push(this.#eventOf(event));
    if (this.#waiting.length > WAITING) this.#waiting.shift();
    if (this.#sending) return;
    this.#sending = true;
    void this.#sendAll().finally(() => (this.#sending = false));
  }

  async #sendAll(): Promise<void> {
    const { api, path } = this.#options;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await api.call({ verb: 'create', path, body: next }).catch(() => undefined);
    }
  }

  #eventOf({ at, member, text }: OperatorEvent): Readonly<Record<string, unknown>> {
    const { namespace, subject } = this.#options;
    const { name, uid } = subject(member);
    const time = `${at.slice(0, 19)}Z`;
    return {
      apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.${randomUUID().slice(0, 13)}`, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
      reason: 'Operator', message: text.slice(0, LONGEST), type: WARNING.test(text) ? 'Warning' : 'Normal',
      source: { component: 'holdfast-operator' }, reportingComponent: 'holdfast-operator', firstTimestamp: time, lastTimestamp: time, count: 1,
    };
  }
}
