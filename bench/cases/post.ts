import { bare } from '../bed/members.ts';
import { stack } from '../bed/stack.ts';
import { http, type BenchContext, type Case } from '../case.ts';
import { statements } from '../load/statements.ts';
import { trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';
import type { Row } from '../measure/row.ts';
import { onPrimary } from './reading.ts';
import { POST, statementOfPost, WRITE_CONNECTIONS } from './writing.ts';

/** A write by so many clients. */
export const post = (clients: number): Case => ({
  name: `post-${clients}`,
  says: `POST by ${clients === 1 ? 'one client' : `${clients} clients`} to three members, beside the same service on one mysqld without replication, and beside mysql2 alone committing to that`,
  run: (context) => posted(context, clients),
});

async function posted(context: BenchContext, clients: number): Promise<readonly Row[]> {
  const { uncachedUrl } = await stack(context.bed);
  const single = await bare(context.bed, 'single', { members: 1, redis: 'with redis', rows: 1000 });
  const traffic = trafficOf([POST]);
  const connections = Math.max(1, Math.min(clients, WRITE_CONNECTIONS) / 2);
  const [three, one, alone] = await alternate([
    http(context, 'three members', { url: uncachedUrl, traffic, clients }),
    http(context, 'one mysqld', { url: single.url, traffic, clients }),
    statements('mysql2 alone', onPrimary(single, [statementOfPost()], connections)),
  ], context);
  const target = { kind: 'at least', ratio: 0.65 } as const;
  return [
    rowOf('POST, three members', three, { what: 'the service on one mysqld', results: one, ...(clients === 256 ? { target } : {}) }),
    rowOf('POST, one mysqld', one, { what: 'mysql2 alone', results: alone }),
  ];
}
