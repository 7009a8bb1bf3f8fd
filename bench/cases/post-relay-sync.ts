import { bare } from '../bed/members.ts';
import { http, type Case } from '../case.ts';
import { trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';
import { POST } from './writing.ts';

const MEMBERS = { members: 3, redis: 'with redis', rows: 1000 } as const;
const CLIENTS = 256;

/** What the setting costs that also survives a power cut of all members at once. */
export const postRelaySync: Case = {
  name: 'post-relay-sync',
  says: 'POST by 256 clients to three members that sync the relay log with every event (sync_relay_log=1), beside the default',
  run: async (context) => {
    const [synced, usual] = [await bare(context.bed, 'relay-synced', { ...MEMBERS, settings: { syncRelayLog: 1 } }), await bare(context.bed, 'relay-usual', MEMBERS)];
    const traffic = trafficOf([POST]);
    const [slow, fast] = await alternate([
      http(context, 'sync_relay_log=1', { url: synced.url, traffic, clients: CLIENTS }),
      http(context, 'default', { url: usual.url, traffic, clients: CLIENTS }),
    ], context);
    return [rowOf('POST, sync_relay_log=1', slow, { what: 'the default, 10000', results: fast })];
  },
};
