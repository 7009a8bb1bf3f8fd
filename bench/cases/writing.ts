import { API_PATH } from '../../common/names.ts';
import { toValues } from '../../service/api/property.ts';
import { answeredTime } from '../../service/api/time.ts';
import { seedRow } from '../../service/seed/rows.ts';
import { toPacket } from '../../service/write/command.ts';
import type { Statement } from '../load/statements.ts';
import type { Asked } from '../load/traffic.ts';

const PROPERTY = {
  address: '12 Station Street, Ironbark', suburb_name: 'Ironbark', property_type: 'house', bedrooms: 3, bathrooms: 2, carparks: 1, land_size: 600,
  price: 750_000.5, sold_time: '2016-05-07T10:00:00+10:00', link: 'https://example.com/property/bench',
};

/** A property that is added again and again, behind the pages that are read; the edge gives each request a key of its own. */
export const POST: Asked = { method: 'POST', path: API_PATH, body: JSON.stringify(PROPERTY) };

/** Many properties as `npm run seed` makes them, each somewhere else in the list. */
export const SCATTERED: readonly Asked[] = Array.from({ length: 1000 }, (_, index) => {
  const values = seedRow(2, index);
  const body = { ...values, sold_time: values.sold_time === null ? null : answeredTime(values.sold_time) };
  return { method: 'POST', path: API_PATH, body: JSON.stringify(body) };
});

/** What the service sends to MySQL for it: the key is another each time. */
export function statementOfPost(): Statement {
  const { sql, values } = toPacket({ kind: 'create', values: toValues(PROPERTY) }, Buffer.alloc(32), Buffer.alloc(32));
  return { sql, values: values.map((value) => (Buffer.isBuffer(value) ? { random: value.length } : (value as string | number | null))) };
}

/** Connections that the service's two processes have for writes at most. */
export const WRITE_CONNECTIONS = 80;
