import { setTimeout as sleep } from 'node:timers/promises';
import { HTTP } from '../../common/names.ts';
import { rotated } from './addresses.ts';
import { NO_NOTES, type Notes } from '../history/recorder.ts';
import { Client, type Answer, type Question, type Registry } from './client.ts';
import { Contention } from './contention.ts';
import type { Change, History, Kind, Operation } from './history.ts';
import { viewOf, Workload, type Task } from './workload.ts';

/** How much is asked of the service, and how patient its clients are. */
export interface LoadOptions {
  readonly writers: number;
  readonly readers: number;
  /** Clients that write and read the same few rows; by default none. */
  readonly contenders?: number;
  /** Mean pause of a worker between an answer and its next request. */
  readonly writePauseMs: number;
  readonly readPauseMs: number;
  /** After this a client gives up. Longer than any deadline of the service: a drill shall see the service's own answer. */
  readonly timeoutMs: number;
  /** Numbers from 0 to below 1 that choose among kinds and rows; by default those of the machine. */
  readonly random?: () => number;
  /** Who takes note of every request and its answer; by default nobody. */
  readonly notes?: Notes;
}

/** 16 writers and 32 readers, at a rate that leaves two cores room for the servers: about 240 writes and 310 reads a second; and some that contend. */
export const DRILL_LOAD: LoadOptions = { writers: 16, readers: 32, contenders: 4, writePauseMs: 60, readPauseMs: 100, timeoutMs: 20_000 };

/** Half of that: on Kubernetes the two cores carry a control plane, three nodes and two operators, too. */
export const CLUSTER_LOAD: LoadOptions = { ...DRILL_LOAD, writers: 8, readers: 16, contenders: 2 };

/** A load that is running. */
export interface Load {
  /** Lets every worker finish what it has sent, and returns everything that was done. */
  readonly stop: () => Promise<History>;
  /** The number of operations so far. */
  readonly count: () => number;
}

const EXPECTED: Readonly<Record<Kind, readonly number[]>> = { create: [201], replace: [200], delete: [204], read: [200, 404], list: [200] };

/** What X-Cache says of a page that nginx did not ask Koa for just now. */
const FROM_EDGE: ReadonlySet<string> = new Set(['HIT', 'STALE', 'UPDATING', 'REVALIDATED']);

/**
 * Starts the load against the edge. Every request is sent once.
 * @param urls scheme, host and port of the edge's addresses; each is preferred by as many clients as the others
 * @param marker what every address of its rows begins with
 * @param now the drill's clock, in milliseconds
 */
export function startLoad(urls: readonly string[], marker: string, now: () => number, options: LoadOptions = DRILL_LOAD): Load {
  const operations: Operation[] = [];
  const workload = new Workload(marker, options.random);
  const startedMs = now();
  let connections = 0;
  const registry: Registry = { now, nextConnection: () => (connections += 1) };
  const stopping = new AbortController();
  let clients = 0;
  const contention = new Contention(marker, options.random ?? Math.random);
  const notes = options.notes ?? NO_NOTES;
  const run = async (worker: string, step: (client: Noted) => Promise<Operation>, pauseMs: number): Promise<void> => {
    const client = new Client(rotated(urls, clients), options.timeoutMs, registry);
    clients += 1;
    const noted = { worker, now, ask: async (question: Question) => await askNoted({ client, notes, worker }, question) };
    // Not all at once, at the start as later: the pauses differ by half each way.
    while (await paused(pauseMs, stopping.signal)) operations.push(await step(noted));
    client.close();
  };
  const workers = [
    ...named('writer', options.writers).map((worker) => run(worker, (client) => perform(client, { workload, marker }, workload.nextWrite(worker)), options.writePauseMs)),
    ...named('reader', options.readers).map((worker) => run(worker, (client) => perform(client, { workload, marker }, workload.nextRead()), options.readPauseMs)),
    ...named('contender', options.contenders ?? 0).map((worker) => run(worker, (client) => contend(client, contention), options.writePauseMs)),
  ];
  const stop = async (): Promise<History> => {
    const endedMs = now();
    stopping.abort();
    await Promise.all(workers);
    return { marker, startedMs, endedMs, operations };
  };
  return { stop, count: () => operations.length };
}

/** Waits 0.5 to 1.5 times the pause. @returns false once the load is to stop */
async function paused(pauseMs: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return await sleep(pauseMs * (0.5 + Math.random()), true, { signal }).catch(() => false);
}

const named = (kind: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${kind}-${index}`);

/** A worker's client, whose requests are taken note of. */
interface Noted {
  readonly worker: string;
  readonly now: () => number;
  readonly ask: (question: Question) => Promise<Answer>;
}

async function askNoted({ client, notes, worker }: { client: Client; notes: Notes; worker: string }, question: Question): Promise<Answer> {
  const op = notes.invoke(worker, question);
  const answer = await client.ask(question);
  notes.settle(op, worker, answer);
  return answer;
}

async function perform({ ask, worker, now }: Noted, { workload, marker }: { workload: Workload; marker: string }, task: Task): Promise<Operation> {
  const startedMs = now();
  const answer = await ask(task.question);
  const times = { startedMs, endedMs: now() };
  const { failure, body } = judged(task, answer);
  const base = { kind: task.kind, worker, ...times, failure, connection: answer.connection, change: task.change, view: null };
  if (answer.kind === 'broken') return { ...base, status: null };
  if (failure !== null) return { ...base, status: answer.status };
  if (task.change === null) return { ...base, status: answer.status, view: viewOf(marker, task, body, isMarked(answer)) };
  const id = task.change.id ?? idOf(body);
  workload.acknowledged(worker, task, id, cookieOf(answer));
  const change: Change = { ...task.change, id };
  return { ...base, status: answer.status, change };
}

/** What rows that several write are like is for the checker of the written history. */
async function contend({ ask, worker, now }: Noted, contention: Contention): Promise<Operation> {
  const move = contention.next(worker);
  const startedMs = now();
  const answer = await ask(move.question);
  const endedMs = now();
  contention.answered(worker, move, answer);
  const status = answer.kind === 'whole' ? answer.status : null;
  const { failure } = judged({ kind: move.kind, expected: move.expected }, answer);
  return { kind: move.kind, worker, startedMs, endedMs, status, failure, connection: answer.connection, change: null, view: null };
}

/** Why an answer is a failed request, or null, and its body. A read may find nothing: whether it should have is for the checker. */
function judged(task: { readonly kind: Kind; readonly expected?: readonly number[] }, answer: Answer): { failure: string | null; body: unknown } {
  if (answer.kind === 'broken') return { failure: answer.reason, body: null };
  if (!(task.expected ?? EXPECTED[task.kind]).includes(answer.status)) return { failure: `answered ${answer.status} ${answer.text.slice(0, 200)} (request ${requestIdOf(answer)})`, body: null };
  if (answer.status === 204) return { failure: null, body: null };
  try {
    const body = JSON.parse(answer.text) as unknown;
    const unnamed = task.kind === 'create' && !Number.isInteger(idOf(body));
    return { failure: unnamed ? `answered ${answer.status} without an id` : null, body };
  } catch {
    return { failure: `answered ${answer.status} with a body that is not JSON`, body: null };
  }
}

/** The id under which the service's logs know the request. */
const requestIdOf = ({ headers }: Answer & { kind: 'whole' }): string => String(headers[HTTP.requestId] ?? 'without an id');

const idOf = (body: unknown): number => Number((body as { id?: unknown } | null)?.id);

function isMarked(answer: Answer & { kind: 'whole' }): boolean {
  const edge = answer.headers[HTTP.edgeCache];
  return answer.headers[HTTP.freshness] !== undefined || (typeof edge === 'string' && FROM_EDGE.has(edge));
}

function cookieOf(answer: Answer & { kind: 'whole' }): string | null {
  const set = answer.headers['set-cookie']?.find((cookie) => cookie.startsWith(`${HTTP.seenCookie}=`));
  return set?.split(';')[0] ?? null;
}
