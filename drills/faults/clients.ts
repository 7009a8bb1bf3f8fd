import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { API_PATH, DATABASE, TABLES, USERS } from '../../common/names.ts';
import { portsFrom } from '../../local/stack/layout.ts';
import { primaryOf, withSql } from '../stack/table.ts';
import type { Damage } from '../verdict/judge.ts';
import type { Fault, Ground } from './fault.ts';
import { Sequence } from './sequence.ts';
import { switchover } from './switchover.ts';

const LONG_ROWS = 20_000;
const ENDED_BOUND_MS = 10_000;
const LONG_ADDRESS = 'holdfast drill long transaction';

/** A transaction with many rows is open, from the service's own account, when a person asks for another primary. */
export const longTransaction: Fault = async (stage) => {
  const open = (name: string): Promise<Connection> => createConnection({
    host: '127.0.0.1', port: portsFrom(stage.stack.basePort).mysql(stage.stack.memberNames.indexOf(name)), user: USERS.service, password: stage.stack.password(USERS.service), database: DATABASE, connectTimeout: 3000,
  });
  return await whileOneIsOpen(stage, open, () => switchover(stage));
};

/**
 * Does something to the primary while a transaction with many rows is open there, which must be ended by it, and leave nothing.
 * @param open a session on a member with the service's account
 * @param act what deposes the primary
 */
export async function whileOneIsOpen(stage: Ground, open: (name: string) => Promise<Connection>, act: () => Promise<Damage>): Promise<Damage> {
  const name = await primaryOf(stage.stack, stage.signal);
  const sql = await open(name);
  sql.on('error', () => undefined);
  try {
    await sql.query('START TRANSACTION');
    const rows = Array.from({ length: LONG_ROWS }, () => [LONG_ADDRESS, '2037-01-01']);
    await sql.query(`INSERT INTO ${DATABASE}.${TABLES.property} (address, sold_time) VALUES ?`, [rows]);
    const ended = sql.query('SELECT SLEEP(120)').then(() => 'went on', () => 'was ended');
    const damage = await act();
    // Over kubectl its end arrives later than the operator's word.
    const end = await Promise.race([ended, sleep(ENDED_BOUND_MS, 'goes on', { signal: stage.signal, ref: false })]);
    if (end !== 'was ended') throw new Error(`The long transaction ${end}, though its primary was deposed.`);
    const left = await leftOf(stage);
    if (left > 0) throw new Error(`${left} rows of a transaction that was never committed are there.`);
    return { ...damage, evidence: [...damage.evidence, `A transaction with ${LONG_ROWS} rows was open on ${name}; it was ended, and none of them is there.`] };
  } finally {
    sql.destroy();
  }
}

async function leftOf({ stack, signal }: Ground): Promise<number> {
  return await withSql(stack, await primaryOf(stack, signal), async (sql) => {
    const [rows] = await sql.query(`SELECT COUNT(*) AS count FROM ${DATABASE}.${TABLES.property} WHERE address = ?`, [LONG_ADDRESS]);
    return Number((rows as { count: number }[])[0]?.count);
  });
}

const STORM_PAUSE_MS = 3000;
const STORM_ANSWER_MS = 60_000;

/**
 * So many clients connect at once, to all addresses of the edge in turn; each asks for a page, keeps its connection for a while, and asks again.
 * @param clients how many
 */
export const storm = (clients: number): Fault<Ground> => async (stage) => {
  const steps = new Sequence(stage.now);
  const urls = stage.stack.urls.map((url) => new URL(url));
  steps.did(`${clients} clients connect at once.`);
  const results = await Promise.all(Array.from({ length: clients }, (_, index) => visit(urls[index % urls.length], index)));
  const bad = results.filter((result) => result !== 'fine');
  if (bad.length > 0) throw new Error(`${bad.length} of ${clients} clients were not answered twice, the first: ${bad[0] ?? ''}.`);
  steps.did(`Each of them has been answered twice on its connection, ${STORM_PAUSE_MS} ms apart.`);
  return steps.damage();
};

/** @returns `fine`, or why not */
async function visit(url: URL | undefined, index: number): Promise<string> {
  if (url === undefined) return 'there is no edge';
  const socket = connect(Number(url.port), url.hostname);
  const limit = AbortSignal.timeout(STORM_ANSWER_MS);
  try {
    await once(socket, 'connect', { signal: limit });
    // Each another page, so that no cache of the edge answers for all.
    const first = await asked(socket, `${API_PATH}?start=${index}&limit=1`, limit);
    await new Promise((resolve) => { setTimeout(resolve, STORM_PAUSE_MS); });
    const second = await asked(socket, `${API_PATH}?start=${index + 1}&limit=1`, limit);
    return first === 200 && second === 200 ? 'fine' : `answered ${first}, then ${second}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
  }
}

/** Sends a request and waits for the end of its answer, whose length nginx tells. @returns its status */
async function asked(socket: Socket, path: string, signal: AbortSignal): Promise<number> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: storm\r\n\r\n`);
  let text = '';
  for (;;) {
    const [chunk] = (await once(socket, 'data', { signal })) as [Buffer];
    text += String(chunk);
    const head = text.indexOf('\r\n\r\n');
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head + 2))?.[1];
    const isWhole = length === undefined ? text.endsWith('\r\n0\r\n\r\n') : Buffer.byteLength(text.slice(head + 4)) >= Number(length);
    if (head >= 0 && isWhole) return Number(text.slice(9, 12));
  }
}
