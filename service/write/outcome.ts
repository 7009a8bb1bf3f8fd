import type { Primary, Results, WriteOutcome } from '../ports.ts';

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
 * Reads what the procedures answer.
 * @throws Error when it is not what they answer, or nothing was committed
 */
export function readOutcome({ sets, gtid }: Results, primary: Primary): Written {
  const row = sets[0]?.[0];
  const n = Number(gtid?.split(':').at(-1));
  if (row === undefined || !Number.isSafeInteger(n)) {
    throw new Error(`The write on ${primary.pool.member.name} gave no ${row === undefined ? 'row' : 'GTID'}; see that session_track_gtids is allowed and the procedures are those of this version`);
  }
  const { status, id, etag, replay, epoch, generation, redisRunId } = row;
  return {
    status: Number(status),
    ...(id === null ? {} : { id: Number(id) }),
    ...(typeof etag === 'string' ? { etag } : {}),
    replay: replay === 1,
    outcome: { version: { epoch: Number(epoch), serverUuid: primary.serverUuid, n }, cacheGeneration: Number(generation), redisRunId: String(redisRunId) },
  };
}
