import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { USERS } from '../../common/names.ts';
import { newSecret, SECRET_KEYS } from '../../common/secrets.ts';
import type { Passwords } from '../mysql/accounts.ts';
import { diskProblem, Problem } from '../programs/problem.ts';

/** Every secret of a stack. */
export interface Secrets {
  readonly mysql: Passwords;
  readonly redis: string;
  /** Signs the cookie of clients that have just written. */
  readonly cookie: string;
}

/**
 * Makes the secrets of a data folder once; does nothing when they are there.
 * @param path `secrets.json`, mode 0600
 * @throws Problem when it cannot be written
 */
export function makeSecrets(path: string): void {
  const secrets = Object.fromEntries(SECRET_KEYS.map((name) => [name, newSecret()]));
  const next = `${path}.next`;
  try {
    rmSync(next, { force: true });
    writeFileSync(next, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // A link, unlike a rename, never replaces secrets that servers were made with.
    linkSync(next, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskProblem(error, 'Making the passwords', path);
  } finally {
    rmSync(next, { force: true });
  }
}

/**
 * Reads the secrets of a data folder: a JSON object with one text per name of {@link USERS}, and `root`, `redis`, `cookie`.
 * @throws Problem when they are missing or not whole
 */
export function readSecrets(path: string): Secrets {
  let found: Partial<Record<string, string>> | null;
  try {
    found = JSON.parse(readFileSync(path, 'utf8')) as typeof found;
  } catch (error) {
    throw new Problem(`${path} cannot be read: without its passwords the data cannot be used. Put it back, or begin anew with npm run reset.`, { cause: error });
  }
  const take = (name: string): string => {
    const secret = found?.[name];
    if (typeof secret !== 'string' || secret === '') throw new Problem(`${path} has no password for ${name}: put the whole file back, or begin anew with npm run reset.`);
    return secret;
  };
  const mysql: Passwords = {
    operator: take(USERS.operator),
    replication: take(USERS.replication),
    service: take(USERS.service),
    migration: take(USERS.migration),
    supervisor: take(USERS.supervisor),
    root: take('root'),
  };
  return { mysql, redis: take('redis'), cookie: take('cookie') };
}
