import { http, type Case } from '../case.ts';
import { statements } from '../load/statements.ts';
import { get, trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';
import { onPrimary, statementOfPage, uncached, walk } from './reading.ts';

/** So many different pages that hardly two clients ask for the same one at once: those would be answered by one statement. */
const PAGES = 1000;

/** Requests per second of the Flask application that this replaces, uncached, measured on two cores before the first line. */
const FLASK = 712;

/** A page that nobody has kept. */
export const pageMysql: Case = {
  name: 'page-mysql',
  says: `one of ${PAGES} pages through nginx out of MySQL, without Redis and edge cache, beside the same statements by mysql2 alone, two processes each`,
  run: async (context) => {
    const members = await uncached(context.bed);
    const paths = await walk(members.url, { start: 0, count: PAGES, signal: context.signal });
    const [page, alone] = await alternate([
      http(context, 'page', { url: members.url, traffic: trafficOf(paths.map(get)) }),
      statements('the statement alone', onPrimary(members, await Promise.all(paths.map(statementOfPage)))),
    ], context);
    const row = rowOf('page from MySQL', page, { what: 'the statement alone', results: alone, target: { kind: 'at least', ratio: 0.6 } });
    return [row, { what: 'the same, beside the Flask application that this replaces', value: row.value, unit: 'requests/s', beside: { what: 'Flask, as measured before', value: FLASK }, ratio: row.value / FLASK, target: { kind: 'at least', ratio: 5 } }];
  },
};
