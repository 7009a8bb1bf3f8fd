import type { Case } from './case.ts';
import { connections } from './cases/connections.ts';
import { data } from './cases/data.ts';
import { deep } from './cases/deep.ts';
import { failover } from './cases/failover.ts';
import { memory, operator } from './cases/memory.ts';
import { mixed } from './cases/mixed.ts';
import { pageCached } from './cases/page-cached.ts';
import { pageKoa } from './cases/page-koa.ts';
import { pageMysql } from './cases/page-mysql.ts';
import { pageRedis } from './cases/page-redis.ts';
import { postRelaySync } from './cases/post-relay-sync.ts';
import { post } from './cases/post.ts';
import { processes } from './cases/processes.ts';
import { propertyMysql } from './cases/property-mysql.ts';
import { start } from './cases/start.ts';

/** Every case, in the order in which they are run. */
export const CASES: readonly Case[] = [
  pageCached, pageRedis, pageKoa, processes, connections('on'), connections('off'), pageMysql, propertyMysql, deep, post(1), post(16), post(256),
  postRelaySync, mixed('on'), mixed('off'), operator, memory, failover, start, data,
];
