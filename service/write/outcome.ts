import type { Primary, Results, Row, WriteOutcome } from '../ports.ts';

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
export function readOutcome(results: Results, primary: Primary): Written {
  const { row, outcome } = readCommit(results, primary);
  return { ...readResult([row['status'], row['id'], row['etag'], row['replay']]), outcome };
}

/**
 * Reads what the procedure of a batch answers: one for each of its writes, in their order.
 * @throws Error when it is not what it answers, or nothing was committed
 */
export function readOutcomes(results: Results, primary: Primary, count: number): readonly Written[] {
  const { outcome } = readCommit(results, primary);
  const list = JSON.parse((results.sets[1]?.[0]?.['results'] ?? '[]') as string) as readonly (readonly [place: number, ...result: unknown[]])[];
  const byPlace = new Map(list.map(([place, ...result]) => [place, { ...readResult(result), outcome }]));
  return Array.from({ length: count }, (_, index) => {
    const written = byPlace.get(index + 1);
    if (written === undefined) throw new Error(`The batch on ${primary.pool.member.name} did not answer write ${index + 1} of ${count}; see that the procedures are those of this version`);
    return written;
  });
}

function readCommit({ sets, gtid }: Results, primary: Primary): { readonly row: Row; readonly outcome: WriteOutcome } {
  const row = sets[0]?.[0];
  const n = Number(gtid?.split(':').at(-1));
  if (row === undefined || !Number.isSafeInteger(n)) {
    throw new Error(`The write on ${primary.pool.member.name} gave no ${row === undefined ? 'row' : 'GTID'}; see that session_track_gtids is allowed and the procedures are those of this version`);
  }
  const { epoch, generation, redisRunId } = row;
  return { row, outcome: { version: { epoch: Number(epoch), serverUuid: primary.serverUuid, n }, cacheGeneration: Number(generation), redisRunId: String(redisRunId) } };
}

const readResult = ([status, id, etag, replay]: readonly unknown[]): Omit<Written, 'outcome'> => ({
  status: Number(status),
  ...(id === null ? {} : { id: Number(id) }),
  ...(typeof etag === 'string' ? { etag } : {}),
  replay: replay === 1,
});
