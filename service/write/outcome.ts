import { soldTime } from '../cache/extent.ts';
import { numberOf } from '../cache/version.ts';
import type { Change, Primary, Results, Row, WriteOutcome } from '../ports.ts';
import type { Intent } from './command.ts';

/** What became of a write, the same for its replays. */
export interface Written {
  /** 201, 200, 204, 404, 412; 422: the key was used for another request. */
  readonly status: number;
  /** The property's; absent with 422. */
  readonly id?: number;
  /** ETag of the representation that was written, upper-case hexadecimal; absent when none was. */
  readonly etag?: string;
  /** The key was known: this is what the first attempt answered. */
  readonly replay: boolean;
  readonly outcome: WriteOutcome;
}

/**
 * Reads what the procedure of one write answers.
 * @throws Error when it is not what it answers, or nothing was committed
 */
export function readOutcome(results: Results, primary: Primary, packet: Intent): Written {
  const { row, outcome } = readCommit(results, primary);
  const result = readResult([row['status'], row['id'], row['etag'], row['replay']]);
  const change = changeOf(result, packet, results.sets[0]?.[0]?.['was']);
  return { ...result, outcome: { ...outcome, changes: change && [change] } };
}

/**
 * Reads what the procedure of a batch answers: one for each of its writes, in their order.
 * @throws Error when it is not what it answers, or nothing was committed
 */
export function readOutcomes(results: Results, primary: Primary, packets: readonly Intent[]): readonly Written[] {
  const { outcome } = readCommit(results, primary);
  const list = JSON.parse((results.sets[1]?.[0]?.['results'] ?? '[]') as string) as readonly (readonly [place: number, ...result: unknown[]])[];
  const byPlace = new Map(list.map(([place, ...result]) => [place, readResult(result)]));
  const read = packets.map((_, index) => {
    const result = byPlace.get(index + 1);
    if (result === undefined) throw new Error(`The batch on ${primary.pool.member.name} did not answer write ${index + 1} of ${packets.length}; see that the procedures are those of this version`);
    return result;
  });
  const changes = read.flatMap((result, index) => changeOf(result, packets[index]) ?? []);
  const all = { ...outcome, changes: changes.length === packets.length ? changes : undefined };
  return read.map((result) => ({ ...result, outcome: all }));
}

/**
 * What a write changed; undefined where that is not known: a replay does not know what its first attempt found, and a 404 or 412 rests
 * on what somebody else has written, who may not have said so yet.
 * @param was the `sold_time` that the property had before
 */
function changeOf({ status, id, replay }: Result, packet: Intent | undefined, was?: unknown): Change | undefined {
  if (packet === undefined || id === undefined || replay) return undefined;
  const to = soldTime(packet.soldTime ?? null);
  if (packet.kind === 'create') return status === 201 ? { id, to } : undefined;
  if (was !== null && typeof was !== 'string') return undefined;
  const from = soldTime(was);
  if (packet.kind === 'replace') return status === 200 ? { id, from, to } : undefined;
  return status === 204 ? { id, from } : undefined;
}

function readCommit({ sets, gtid }: Results, primary: Primary): { readonly row: Row; readonly outcome: Omit<WriteOutcome, 'changes'> } {
  const row = sets.find(([first]) => first !== undefined && 'status' in first)?.[0];
  const n = numberOf(gtid);
  if (row === undefined || !Number.isSafeInteger(n)) {
    throw new Error(`The write on ${primary.pool.member.name} gave no ${row === undefined ? 'row' : 'GTID'}; see that session_track_gtids is allowed and the procedures are those of this version`);
  }
  const { epoch, generation, redisRunId } = row;
  return { row, outcome: { version: { epoch: Number(epoch), serverUuid: primary.serverUuid, n }, cacheGeneration: Number(generation), redisRunId: String(redisRunId) } };
}

type Result = Omit<Written, 'outcome'>;

const readResult = ([status, id, etag, replay]: readonly unknown[]): Result => ({
  status: Number(status),
  ...(id === null ? {} : { id: Number(id) }),
  ...(typeof etag === 'string' ? { etag } : {}),
  replay: replay === 1,
});
