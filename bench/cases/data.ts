import { closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replicaNames } from '../../drills/faults/victim.ts';
import { wiped } from '../../drills/faults/members.ts';
import { OwnStack } from '../../drills/stack/own.ts';
import type { Stack } from '../../drills/stack/stack.ts';
import { memberFolder } from '../../local/mysql/folder.ts';
import { run } from '../../local/programs/run.ts';
import { fill } from '../bed/fat-rows.ts';
import type { BenchContext, Case } from '../case.ts';
import type { Row } from '../measure/row.ts';
import { killPrimary, LOW, whole } from './failing.ts';

const GIGA = 1e9;
const MEGA = 1e6;

/** What much data makes slow. */
export const data: Case = {
  name: 'data',
  says: 'with 1 GB of data (--gigabytes): a failover, the re-seed of a member whose data folder was deleted, and a cold start of all, beside the copying of the same file on the disk',
  run: async (context) => {
    const { signal, options } = context;
    const own = await OwnStack.create({ links: 'without links', disks: 'without disks' }, () => undefined);
    try {
      const stack = await own.start(signal);
      const fillFrom = performance.now();
      context.step(`adding ${options.gigabytes} GB`);
      await fill(stack, options.gigabytes * GIGA, signal);
      const fillSeconds = (performance.now() - fillFrom) / 1000;
      await whole(stack, signal);
      return [{ what: 'adding the data, three members', value: (options.gigabytes * GIGA) / MEGA / fillSeconds, unit: 'MB/s' }, ...(await measured(context, own, stack))];
    } finally {
      await own.end();
      own.remove();
    }
  },
};

async function measured({ signal, step, bed }: BenchContext, own: OwnStack, stack: Stack): Promise<readonly Row[]> {
  step('a failover');
  const outage = await killPrimary({ stack, url: stack.urls[0] ?? '', pressure: LOW, signal });
  step('a re-seed');
  const stage = { stack, own, now: () => performance.now(), signal, note: () => undefined };
  const [victim = 'mysql-0'] = await replicaNames(stage);
  const file = join(memberFolder(join(stack.dataDir, victim)).data, 'holdfast', 'property.ibd');
  const bytes = statSync(file).size;
  const copySeconds = await copied(file, bed.folder('copy'));
  const reseedFrom = performance.now();
  await wiped(stage);
  await whole(stack, signal);
  const reseedSeconds = (performance.now() - reseedFrom) / 1000;
  step('a cold start');
  await own.end();
  const again = await own.start(signal);
  const { readySeconds } = await again.status(signal);
  const [copyRate, reseedRate] = [bytes / MEGA / copySeconds, bytes / MEGA / reseedSeconds];
  return [
    { what: 'failover: longest time without an acknowledged write', value: outage.gapMs, unit: 'ms', failed: outage.failed },
    { what: 're-seed, from the loss of the folder to a healthy stack', value: reseedSeconds, unit: 's' },
    { what: 're-seed', value: reseedRate, unit: 'MB/s', beside: { what: 'the disk copies the table\'s file', value: copyRate }, ratio: reseedRate / copyRate },
    { what: 'cold start to the first 201', value: readySeconds ?? Number.NaN, unit: 's' },
  ];
}

/** Seconds for a copy that is on the disk when it ends. */
async function copied(file: string, folder: string): Promise<number> {
  const to = join(folder, 'copy.ibd');
  const from = performance.now();
  await run(['cp', '--reflink=never', file, to]);
  const opened = openSync(to, 'r+');
  fsyncSync(opened);
  closeSync(opened);
  const seconds = (performance.now() - from) / 1000;
  rmSync(to);
  return seconds;
}
