import { API_PATH } from '../../common/names.ts';
import { http, type Case } from '../case.ts';
import { statements } from '../load/statements.ts';
import { get, trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';
import { onPrimary, statementOfProperty, uncached } from './reading.ts';

/** Different ones, of those that are there. */
const IDS = Array.from({ length: 1000 }, (_, index) => 1 + index * 10);

/** One property by its id. */
export const propertyMysql: Case = {
  name: 'property-mysql',
  says: 'one property by id through nginx out of MySQL, without Redis and edge cache, beside the same statement by mysql2 alone',
  run: async (context) => {
    const members = await uncached(context.bed);
    const [property, alone] = await alternate([
      http(context, 'property', { url: members.url, traffic: trafficOf(IDS.map((id) => get(`${API_PATH}/${id}`))) }),
      statements('the statement alone', onPrimary(members, await Promise.all(IDS.map(statementOfProperty)))),
    ], context);
    return [rowOf('property from MySQL', property, { what: 'the statement alone', results: alone })];
  },
};
