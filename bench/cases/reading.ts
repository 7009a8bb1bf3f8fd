import { API_PATH, USERS } from '../../common/names.ts';
import { CursorCodec } from '../../service/api/cursor.ts';
import { fillList, fillProperty, type PageRequest } from '../../service/reads/pages.ts';
import type { Fill } from '../../service/ports.ts';
import { bare, COOKIE_SECRET, type Bare } from '../bed/members.ts';
import type { Bed } from '../bed/bed.ts';
import type { Statement, StatementOrder } from '../load/statements.ts';

/** Rows on each page. */
export const LIMIT = 10;

/** Members without Redis: every page is made of rows. */
export const uncached = (bed: Bed): Promise<Bare> => bare(bed, 'no-cache', { members: 3, redis: 'without redis', rows: 20_000 });

/**
 * Paths of pages by cursor, one behind the other.
 * @param start offset at which they begin
 */
export async function walk(url: string, { start, count, signal }: { readonly start: number; readonly count: number; readonly signal: AbortSignal }): Promise<readonly string[]> {
  const paths: string[] = [];
  let path = `${API_PATH}?start=${Math.max(0, start - LIMIT)}&limit=${LIMIT}`;
  for (let page = 0; page < count; page += 1) {
    const response = await fetch(`${url}${path}`, { signal });
    await response.arrayBuffer();
    const next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    if (next === undefined) throw new Error(`${path} (status ${response.status}) names no next page: are there rows enough?`);
    paths.push((path = next));
  }
  return paths;
}

/** What the service sends to MySQL for a page by cursor. */
export async function statementOfPage(path: string): Promise<Statement> {
  const after = new CursorCodec(COOKIE_SECRET).read(new URLSearchParams(path.slice(path.indexOf('?'))).get('after') ?? '');
  if (after === undefined) throw new Error(`${path} has no cursor of these servers.`);
  const request: PageRequest = { limit: LIMIT, after };
  return await statementOf(fillList(request));
}

/** What it sends for one property. */
export const statementOfProperty = (id: number): Promise<Statement> => statementOf(fillProperty(id));

async function statementOf(fill: Fill): Promise<Statement> {
  const sent: Statement[] = [];
  await fill((sql, values) => {
    sent.push({ sql, values: values as Statement['values'] });
    return Promise.resolve([]);
  });
  const [first] = sent;
  if (first === undefined) throw new Error('Making a page sent no statement.');
  return first;
}

/** Connections of each process that sends statements alone: more do not make one primary faster. */
const CONNECTIONS = 16;

/** How the service's account reaches the primary. */
export const onPrimary = ({ primary, mysql }: Bare, statements: readonly Statement[], connections = CONNECTIONS): Omit<StatementOrder, 'seconds'> =>
  ({ host: primary.host, port: primary.port, user: USERS.service, password: mysql.passwords.service, statements, connections });
