import { findPrograms } from '../programs/programs.ts';
import { CACHE_DIR } from './servers.ts';

/** Fetches what the tests need before the first of them, so that none of them is slow for want of it. */
const { mysqld, redisServer, nginx } = await findPrograms({
  cacheDir: CACHE_DIR,
  report: ({ text, doneBytes }) => {
    if (doneBytes === undefined) process.stdout.write(`programs: ${text}\n`);
  },
});
process.stdout.write(`programs: MySQL ${mysqld.version}, Redis ${redisServer.version}, nginx ${nginx.version}\n`);
