import { setTimeout as sleep } from 'node:timers/promises';
import { HTTP } from '../../common/names.ts';
import { rotated } from './addresses.ts';
import { Client, type Answer, type Registry } from './client.ts';
import type { Change, History, Kind, Operation } from './history.ts';
import { viewOf, Workload, type Task } from './workload.ts';

/** How much is asked of the service, and how patient its clients are. */
export interface LoadOptions {
  readonly writers: number;
  readonly readers: number;
  /** Mean pause of a worker between an answer and its next request. */
  readonly writePauseMs: number;
  readonly readPauseMs: number;
  /** After this a client gives up. Longer than any deadline of the service: a drill shall see the service's own answer. */
  readonly timeoutMs: number;
  /** Numbers from 0 to below 1 that choose among kinds and rows; by default those of the machine. */
  readonly random?: () => number;
}

/** 16 writers and 32 readers, at a rate that leaves two cores room for the servers: about 240 writes and 310 reads a second. */
export const DRILL_LOAD: LoadOptions = { writers: 16, readers: 32, writePauseMs: 60, readPauseMs: 100, timeoutMs: 20_000 };

/** Half of that: on Kubernetes the two cores carry a control plane, three nodes and two operators, too. */
export const CLUSTER_LOAD: LoadOptions = { ...DRILL_LOAD, writers: 8, readers: 16 };

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
  const run = async (worker: string, next: () => Task, pauseMs: number): Promise<void> => {
    const client = new Client(rotated(urls, clients), options.timeoutMs, registry);
    clients += 1;
    // Not all at once, at the start as later: the pauses differ by half each way.
    while (await paused(pauseMs, stopping.signal)) operations.push(await perform({ client, workload, worker, marker, now }, next()));
    client.close();
  };
  const workers = [
    ...Array.from({ length: options.writers }, (_, index) => run(`writer-${index}`, () => workload.nextWrite(`writer-${index}`), options.writePauseMs)),
    ...Array.from({ length: options.readers }, (_, index) => run(`reader-${index}`, () => workload.nextRead(), options.readPauseMs)),
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

interface Worker {
  readonly client: Client;
  readonly workload: Workload;
  readonly worker: string;
  readonly marker: string;
  readonly now: () => number;
}

async function perform({ client, workload, worker, marker, now }: Worker, task: Task): Promise<Operation> {
  const startedMs = now();
  const answer = await client.ask(task.question);
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

/** Why an answer is a failed request, or null, and its body. A read may find nothing: whether it should have is for the checker. */
function judged(task: Task, answer: Answer): { failure: string | null; body: unknown } {
  if (answer.kind === 'broken') return { failure: answer.reason, body: null };
  if (!EXPECTED[task.kind].includes(answer.status)) return { failure: `answered ${answer.status} ${answer.text.slice(0, 200)} (request ${requestIdOf(answer)})`, body: null };
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
