import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';
import { memberFolder } from '../mysql/folder.ts';
import type { MemberFolder } from '../mysql/folder.ts';
import type { Account, Passwords } from '../mysql/accounts.ts';
import { initialiseMember } from '../mysql/initialise.ts';
import { prepareMember, RESTART_CODE } from '../mysql/start.ts';
import type { MemberStart, PreparedMember } from '../mysql/start.ts';
import type { MemberSettings } from '../mysql/settings.ts';
import { stopMember } from '../mysql/stop.ts';
import type { Program } from '../programs/program.ts';
import { findPrograms } from '../programs/programs.ts';
import type { Programs } from '../programs/programs.ts';
import { startGuardian } from './guardian.ts';
import type { Guardian } from './guardian.ts';
import { freePorts } from './ports.ts';
import { ServerProcess } from './process.ts';
import type { TestSignal } from './process.ts';
import { copyTemplate, TEST_PASSWORDS } from './template.ts';
import { waitFor } from './wait.ts';

/** Where tests keep programs and templates: the checkout's `.cache`. */
export const CACHE_DIR = join(import.meta.dirname, '../../.cache');

/** The real programs, fetched when they are not there. */
export const testPrograms = (): Promise<Programs> => findPrograms({ cacheDir: CACHE_DIR, report: () => undefined });

/** One real mysqld of a test. */
export interface TestMember {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly folder: MemberFolder;
  readonly dataDir: string;
  /** Its process and process group; 0 while it does not run. */
  readonly pid: number;
  /** What {@link prepareMember} did at the last start; for the two after a CLONE together. */
  readonly prepared: PreparedMember | undefined;
  /** Settles when mysqld has ended, by itself or not. */
  readonly ended: Promise<unknown>;
  /** Sends a signal; resolves when mysqld has ended for SIGTERM and SIGKILL. */
  readonly kill: (signal: TestSignal) => Promise<void>;
  /** As the supervisor stops it: clients closed, SIGTERM, SIGKILL. */
  readonly stop: () => Promise<'stopped' | 'killed'>;
  /** Starts it (again) on the data that it has, and resolves when it answers. */
  readonly start: () => Promise<void>;
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
  /** A connection that the caller ends; to the admin port unless told. */
  readonly connect: (account: Exclude<Account, 'root'>, options?: { readonly port?: 'admin' | 'normal'; readonly database?: string }) => Promise<Connection>;
}

/** Real members of a test, and how to end them. */
export interface TestMembers {
  readonly members: readonly TestMember[];
  /** By account, the same on every member. */
  readonly passwords: Passwords;
  /** Ends all and removes their folders; safe to call twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts closed, empty members in a temporary folder. All end with the test process, however that ends; still call
 * `stop` in an after hook.
 * @param options.count N, normally 3
 * @param options.settings to change, for all
 */
export async function startMembers({ count, settings = {} }: { readonly count: number; readonly settings?: Partial<MemberSettings> }): Promise<TestMembers> {
  const { mysqld } = await testPrograms();
  const guardian = startGuardian('mysql');
  const ports = await freePorts(count * 2);
  try {
    const members = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const [port = 0, adminPort = 0] = ports.slice(index * 2);
        const member = createMember(guardian, mysqld, `mysql-${index}`, { host: '127.0.0.1', port, adminPort, serverId: index + 1, members: count, bufferPoolMiB: 32, ...settings });
        await copyTemplate(CACHE_DIR, mysqld, member.folder);
        await member.start();
        return member;
      }),
    );
    return { members, passwords: TEST_PASSWORDS, stop: guardian.end };
  } catch (error) {
    await guardian.end();
    throw error;
  }
}

// oxlint-disable-next-line max-params -- the four together make one member
function createMember(guardian: Guardian, mysqld: Program, name: string, settings: MemberSettings): TestMember {
  const { host, port, adminPort } = settings;
  const folder = memberFolder(join(guardian.folder, name));
  const log = join(guardian.folder, `${name}.log`);
  const server = new ServerProcess(guardian, log);
  let prepared: PreparedMember | undefined;
  const connect: TestMember['connect'] = async (account, { port: which = 'admin', database } = {}) => {
    const to = { host, port: which === 'admin' ? adminPort : port, user: USERS[account], password: TEST_PASSWORDS[account] };
    const connection = await createConnection({ ...to, connectTimeout: 2000, ...(database === undefined ? {} : { database }) });
    connection.on('error', () => undefined);
    return connection;
  };
  const start = async (): Promise<void> => {
    prepared = await spawn(server, { mysqld, folder, settings, supervisorPid: process.pid });
    if (prepared.endsByItself) {
      const [code] = (await server.ended) as readonly unknown[];
      if (code !== RESTART_CODE) throw new Error(`${name} was ended in its first start after a CLONE`);
      prepared = { ...(await spawn(server, { mysqld, folder, settings, supervisorPid: process.pid })), reseeded: true };
    }
    await waitFor(`${name} to serve`, async () => {
      if (server.running) (await connect('supervisor')).destroy();
      return true;
    });
    if (!server.running) throw new Error(`${name} ended instead of serving: ${readFileSync(log, 'utf8').slice(-2000)}`);
  };
  return {
    name, host, port, adminPort, folder, dataDir: folder.data, connect, start,
    get pid() { return server.pid; },
    get prepared() { return prepared; },
    get ended() { return server.ended; },
    kill: (signal) => server.kill(signal),
    stop: () => stopMember({ host, adminPort, password: TEST_PASSWORDS.supervisor, kill: (signal) => void server.kill(signal), ended: server.ended, graceMs: 8000 }),
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
  };
}

/** Starts mysqld once, as the supervisor does. */
async function spawn(server: ServerProcess, member: MemberStart): Promise<PreparedMember> {
  await initialiseMember({ ...member, passwords: TEST_PASSWORDS });
  const prepared = prepareMember(member);
  server.spawn(prepared.argv, prepared.env);
  return prepared;
}
