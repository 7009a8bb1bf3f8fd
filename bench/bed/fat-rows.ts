import { createConnection } from 'mysql2/promise';
import { DATABASE, USERS } from '../../common/names.ts';
import type { Stack } from '../../drills/stack/stack.ts';
import { primaryOf } from '../../drills/stack/table.ts';
import { portsFrom } from '../../local/stack/layout.ts';

/** Rows of one statement: a packet of some 1 MB. */
const BATCH = 1000;
/** Bytes of a row: all texts as long as they may be. */
export const ROW_BYTES = 255 * 3 + 100 + 50;
const WRITERS = 4;

/** Fills a stack with long rows through its primary, until they are so many bytes. */
export async function fill(stack: Stack, bytes: number, signal: AbortSignal): Promise<void> {
  const name = await primaryOf(stack, signal);
  const port = portsFrom(stack.basePort).mysql(stack.memberNames.indexOf(name));
  let left = Math.ceil(bytes / ROW_BYTES / BATCH);
  const writer = async (): Promise<void> => {
    const sql = await createConnection({ host: '127.0.0.1', port, user: USERS.service, password: stack.password(USERS.service), database: DATABASE });
    try {
      for (left -= 1; left >= 0; left -= 1) {
        signal.throwIfAborted();
        await sql.query('INSERT INTO property (address, suburb_name, property_type, price, sold_time, link) VALUES ?', [rows()]);
      }
    } finally {
      sql.destroy();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

function rows(): readonly (readonly (string | number)[])[] {
  const text = 'long '.repeat(51);
  return Array.from({ length: BATCH }, (_, index) => [text, text, 'x'.repeat(100), 1000 + index, `2020-01-${String(1 + (index % 28)).padStart(2, '0')} 00:00:00`, `https://example.com/${'x'.repeat(235)}`]);
}
