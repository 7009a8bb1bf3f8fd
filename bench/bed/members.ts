import { join } from 'node:path';
import { membersText } from '../../common/members.ts';
import { ROOT } from '../../local/stack/environment.ts';
import type { MemberSettings } from '../../local/mysql/settings.ts';
import { startRedis } from '../../local/testing/redis.ts';
import { openReplication } from '../../local/testing/replication.ts';
import { startMembers, type TestMember, type TestMembers } from '../../local/testing/servers.ts';
import { waitFor } from '../../local/testing/wait.ts';
import type { Bed } from './bed.ts';
import { startEdges } from './nginx.ts';
import { serves } from './serves.ts';
import { seed } from './stack.ts';

/** What the stack's own members have. */
const BUFFER_POOL_MIB = 96;
const PROCESSES = 2;
/** Signs the cursors of these servers. */
export const COOKIE_SECRET = 'a secret for measuring only';

/** Servers that are not the whole stack: no operator, no supervisor. */
export interface BareWishes {
  readonly members: 1 | 3;
  readonly redis: 'with redis' | 'without redis';
  readonly rows: number;
  readonly settings?: Partial<MemberSettings>;
}

/** Members, the first of them primary, with two Koa processes and two edges without a cache of their own. */
export interface Bare {
  readonly mysql: TestMembers;
  readonly primary: TestMember;
  readonly url: string;
  /** Adds rows until there are so many. */
  readonly grow: (rows: number) => Promise<void>;
}

/** Starts members and processes of the service under a name, once. */
export const bare = (bed: Bed, name: string, wishes: BareWishes): Promise<Bare> => bed.part(name, async () => {
  bed.say(`starting ${wishes.members === 1 ? 'one mysqld' : 'three mysqld'} (${name})`);
  const mysql = await startMembers({ count: wishes.members, settings: { bufferPoolMiB: BUFFER_POOL_MIB, ...wishes.settings } });
  bed.atEnd(mysql.stop);
  await openReplication(mysql.members);
  const [primary] = mysql.members;
  if (primary === undefined) throw new Error('Starting members gave none.');
  const env = { ...connections(mysql), ...(await redisOf(bed, wishes)) };
  const webPorts = await startWebs(bed, name, env);
  let there = 0;
  const grow = async (rows: number): Promise<void> => {
    if (rows > there) await seed(bed, { dataDir: bed.folder('nothing'), rows: rows - there, seed: there, env });
    there = Math.max(there, rows);
  };
  await migrated(primary);
  await grow(wishes.rows);
  return { mysql, primary, url: await startEdges(bed, `${name}-nginx`, { webPorts, cacheSeconds: 0 }), grow };
});

async function startWebs(bed: Bed, name: string, env: Readonly<Record<string, string>>): Promise<readonly number[]> {
  const ports = await bed.ports(PROCESSES * 2);
  const webPorts = ports.slice(0, PROCESSES);
  for (const [index, port] of webPorts.entries()) {
    const metrics = String(ports[PROCESSES + index]);
    const server = bed.spawn(`${name}-web-${index}`, [process.execPath, join(ROOT, 'service/main.ts')], { ...env, NAME: `web-${index}`, PORT: String(port), METRICS_PORT: metrics });
    await serves({ what: `${name}-web-${index}`, url: `http://127.0.0.1:${port}/healthz`, server, signal: bed.signal });
  }
  return webPorts;
}

const connections = (mysql: TestMembers): Readonly<Record<string, string>> => ({
  MYSQL_MEMBERS: membersText(mysql.members),
  MYSQL_SERVICE_PASSWORD: mysql.passwords.service,
  MYSQL_MIGRATION_PASSWORD: mysql.passwords.migration,
  COOKIE_SECRET,
});

/** Without Redis the address is one where nobody listens. */
async function redisOf(bed: Bed, { redis }: BareWishes): Promise<Readonly<Record<string, string>>> {
  if (redis === 'without redis') {
    const [nobody] = await bed.ports(1);
    return { REDIS_SENTINELS: `127.0.0.1:${nobody}`, REDIS_PASSWORD: 'nobody' };
  }
  const cluster = await startRedis({ count: 1 });
  bed.atEnd(cluster.stop);
  return { REDIS_SENTINELS: cluster.sentinels.map(({ host, port }) => `${host}:${port}`).join(','), REDIS_PASSWORD: cluster.password };
}

/** The service brings its schema up to date by itself. */
const migrated = (primary: TestMember): Promise<unknown> => waitFor('the tables', async () => {
  const connection = await primary.connect('service', { port: 'normal', database: 'holdfast' });
  await connection.query('SELECT 1 FROM property LIMIT 1').finally(() => connection.destroy());
  return true;
});
