import { hash } from 'node:crypto';
import type { PropertyValues } from '../api/property.ts';
import { classify } from '../mysql/errors.ts';
import type { Topology } from '../ports.ts';

/** Rows per transaction: a packet of some 150 kB, a commit of some ten milliseconds. */
export const BATCH = 1000;

const STATEMENT_MS = 10_000;
const PAUSE_MS = 100;
const ER_DUP_ENTRY = 1062;

const SQL = `START TRANSACTION;
INSERT INTO idempotency_key (key_hash, body_hash, status) VALUES (?, ?, 201);
INSERT INTO property (address, suburb_name, property_type, bedrooms, bathrooms, carparks, land_size, price, sold_time, link) VALUES ?;
COMMIT; DO 0`;

/**
 * Adds a batch through the primary, once, through failovers as well: it carries a key, like every write of the service.
 * @param run names this run, so that another one adds its rows too
 * @throws the signal's reason
 */
export async function insertBatch(topology: Topology, batch: { readonly run: string; readonly number: number; readonly rows: readonly PropertyValues[] }, signal: AbortSignal): Promise<void> {
  const key = hash('sha256', JSON.stringify(['seed', batch.run, batch.number]), 'buffer');
  const rows = batch.rows.map((row) => [
    row.address, row.suburb_name, row.property_type, row.bedrooms, row.bathrooms, row.carparks, row.land_size, row.price, row.sold_time, row.link,
  ]);
  while (true) {
    const primary = await topology.waitForPrimary(signal);
    try {
      await primary.pool.run(SQL, [key, key, rows], { deadlineMs: STATEMENT_MS, signal }).catch(async (error: unknown) => {
        if ((error as { errno?: number }).errno !== ER_DUP_ENTRY) throw error;
        // An earlier try came through after all. Only a commit of one's own says that it is there to stay.
        await primary.pool.run('UPDATE idempotency_key SET replays = replays + 1 WHERE key_hash = ?; DO 0', [key], { deadlineMs: STATEMENT_MS, signal });
      });
      return;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isPassing(error)) throw error;
      topology.suspect(primary, 'failed');
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** A missing table or a wrong row will not get better. */
const isPassing = (error: unknown): boolean => {
  const failure = classify(error);
  return failure === 'contended' || failure === 'leaving';
};
