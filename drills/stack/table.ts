import type { Connection, RowDataPacket } from 'mysql2/promise';
import { DATABASE, TABLES } from '../../common/names.ts';
import type { StoredProperty } from '../history/recorder.ts';
import { rowOf } from '../load/workload.ts';
import type { StoredRow } from '../verdict/check.ts';
import type { Target } from './target.ts';
import { until } from './wait.ts';

const PROPERTY = `${DATABASE}.${TABLES.property}`;
const DELETED_AT_ONCE = 1000;

/** Name of the current primary. @throws Error when there is none */
export async function primaryOf(stack: Target, signal: AbortSignal): Promise<string> {
  const operator = await stack.operator(signal);
  if (operator === null || operator.primary === null) throw new Error('There is no primary now, or the operator does not answer.');
  return operator.primary;
}

/** Runs something in a session on a member, and ends the session. */
export async function withSql<T>(stack: Target, name: string, use: (sql: Connection) => Promise<T>): Promise<T> {
  const sql = await stack.sql(name);
  try {
    return await use(sql);
  } finally {
    sql.destroy();
  }
}

/** All rows on a member whose address begins with a marker: those with one writer, and those that several write. */
export async function markedRows(stack: Target, name: string, marker: string): Promise<readonly StoredProperty[]> {
  return await withSql(stack, name, async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>(`SELECT id, address, land_size FROM ${PROPERTY} WHERE address LIKE ? OR address LIKE ?`, [`${marker} %`, `${marker}/%`]);
    return rows.map((row) => ({ id: Number(row['id']), address: String(row['address']), land_size: Number(row['land_size']) }));
  });
}

/** Of these, the rows with one writer. */
export const rowsIn = (marker: string, stored: readonly StoredProperty[]): readonly StoredRow[] =>
  stored.filter(({ address }) => address.startsWith(`${marker} `)).map(({ id, address, land_size: version }) => ({ id, row: rowOf(marker, address), version: Number(version) }));

/** Deletes rows on the primary, a thousand at a time. */
export async function removeRows(stack: Target, name: string, ids: readonly number[]): Promise<void> {
  await withSql(stack, name, async (sql) => {
    for (let from = 0; from < ids.length; from += DELETED_AT_ONCE) {
      await sql.query(`DELETE FROM ${PROPERTY} WHERE id IN (?)`, [ids.slice(from, from + DELETED_AT_ONCE)]);
    }
  });
}

/** What a member holds. */
export interface Contents {
  readonly name: string;
  readonly executed: string;
  /** Table name → checksum. */
  readonly checksums: Readonly<Record<string, string>>;
}

/**
 * How members differ from the first one, one sentence each; empty: they are equal.
 */
export function differencesOf(members: readonly Contents[]): readonly string[] {
  const [first, ...others] = members;
  if (first === undefined) return [];
  return others.flatMap((other) => {
    if (other.executed !== first.executed) return [`${other.name} has executed ${other.executed}, and ${first.name} ${first.executed}.`];
    const tables = new Set([...Object.keys(first.checksums), ...Object.keys(other.checksums)]);
    return [...tables]
      .filter((table) => first.checksums[table] !== other.checksums[table])
      .map((table) => `${table} differs between ${first.name} and ${other.name}.`);
  });
}

/**
 * Waits until all members are equal, which they become soon after the last write: then nothing is left to replicate.
 * @returns the last differences seen; empty: they are equal
 */
export async function differences(stack: Target, boundMs: number, signal: AbortSignal): Promise<readonly string[]> {
  let last: readonly string[] = [];
  const look = async (): Promise<true | null> => {
    last = ['The members could not be compared.'];
    last = differencesOf(await contents(stack));
    return last.length === 0 ? true : null;
  };
  try {
    await until({ what: 'Equality of all members', boundMs, everyMs: 250, signal }, look);
    return [];
  } catch {
    signal.throwIfAborted();
    return last;
  }
}

/** All members' contents, each read between two equal readings of its GTID set: without one, a later write would differ. */
async function contents(stack: Target): Promise<readonly Contents[]> {
  return await Promise.all(stack.memberNames.map((name) => withSql(stack, name, (sql) => contentsOf(name, sql))));
}

async function contentsOf(name: string, sql: Connection): Promise<Contents> {
  const before = await executed(sql);
  const [tables] = await sql.query<RowDataPacket[]>('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?', [DATABASE]);
  const names = tables.map((table) => `${DATABASE}.${String(table['name'])}`).sort();
  const [rows] = await sql.query<RowDataPacket[]>(`CHECKSUM TABLE ${names.join(', ')}`);
  if ((await executed(sql)) !== before) throw new Error(`${name} executed something while its tables were read.`);
  return { name, executed: before, checksums: Object.fromEntries(rows.map((row) => [String(row['Table']), String(row['Checksum'])])) };
}

async function executed(sql: Connection): Promise<string> {
  const [rows] = await sql.query<RowDataPacket[]>('SELECT @@global.gtid_executed AS executed');
  return String(rows[0]?.['executed']).replaceAll(/\s/g, '');
}
