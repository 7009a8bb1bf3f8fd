import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';
import type { Stack } from '../../drills/stack/stack.ts';
import { withSql } from '../../drills/stack/table.ts';
import { measureFootprint, type Footprint } from '../../local/stack/footprint.ts';
import { stack } from '../bed/stack.ts';
import type { BenchContext, Case } from '../case.ts';
import type { Row } from '../measure/row.ts';

const MEASURE_MS = 20_000;
/** After whatever was done to the stack before. */
const REST_MS = 5000;
const MEBI = 1024 * 1024;

async function atRest({ bed, signal, step }: BenchContext): Promise<{ readonly stack: Stack; readonly footprints: readonly Footprint[] }> {
  const { stack: running } = await stack(bed);
  step('at rest');
  await sleep(REST_MS, undefined, { signal });
  const { processes, pid } = await running.status(signal);
  const groups: readonly { readonly name: string; readonly kind: string; readonly pid: number }[] = processes.flatMap((one) => (typeof one.pid === 'number' ? [{ name: one.name, kind: one.kind, pid: one.pid }] : []));
  return { stack: running, footprints: await measureFootprint([...groups, { name: 'supervisor', kind: 'supervisor', pid }], MEASURE_MS) };
}

const memoryRow = (what: string, bytes: number): Row => ({ what, value: bytes / MEBI, unit: 'MiB' });

/** What the stack takes when nobody asks it anything. */
export const memory: Case = {
  name: 'memory',
  says: 'memory (PSS) of each process of the local stack at rest',
  run: async (context) => {
    const { footprints } = await atRest(context);
    return [...footprints.map(({ name, pssBytes }) => memoryRow(name, pssBytes)), memoryRow('all', footprints.reduce((sum, { pssBytes }) => sum + pssBytes, 0))];
  },
};

/** What the operator takes. */
export const operator: Case = {
  name: 'operator',
  says: 'the operator at rest: CPU, memory, and statements that it sends to all members together',
  run: async (context) => {
    const { stack: running } = await stack(context.bed);
    const before = await statementsOf(running);
    const from = performance.now();
    const { footprints } = await atRest(context);
    const perSecond = ((await statementsOf(running)) - before) / ((performance.now() - from) / 1000);
    const found = footprints.find(({ kind }) => kind === 'operator');
    if (found === undefined) throw new Error('The operator does not run.');
    return [
      { what: 'CPU', value: found.cpu * 100, unit: '% of a core' },
      memoryRow('memory', found.pssBytes),
      { what: 'statements', value: perSecond, unit: 'statements/s' },
    ];
  },
};

/** Statements of the operator's account on all members since they were started, its sessions that have ended included. */
async function statementsOf(running: Stack): Promise<number> {
  const counts = await Promise.all(running.memberNames.map((name) => withSql(running, name, async (sql) => {
    const [rows] = await sql.query<RowDataPacket[]>("SELECT VARIABLE_VALUE AS questions FROM performance_schema.status_by_user WHERE USER = ? AND VARIABLE_NAME = 'Questions'", [USERS.operator]);
    return Number(rows[0]?.['questions'] ?? 0);
  })));
  return counts.reduce((sum, count) => sum + count, 0);
}
