import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { plantMutant } from './mutate.ts';
import type { Edit } from './mutate.ts';
import type { Job, Report } from './pool.ts';

/** What a worker is started with. */
export interface WorkerData {
  /** Changes of the operator's code, for this worker only. */
  readonly edits: readonly Edit[];
}

/** Simulates seeds until it is told otherwise. The operator's code is loaded after it was changed. */
async function work(port: MessagePort, { edits }: WorkerData): Promise<void> {
  // Stack traces of the thousands of errors that faults cause cost more than all else.
  Error.stackTraceLimit = 0;
  const unused = plantMutant(edits);
  const { run } = await import('./run.ts');
  const { seededSchedule } = await import('./seeds.ts');
  const left = unused();
  if (left.length > 0) throw new Error(`Changing the operator's code: ${left.join('; ')}. Bring the mutant up to date.`);
  port.on('message', ({ seeds, schedules }: Job) => {
    const report: Report = { done: 0, simulatedMs: 0, violations: [] };
    for (const schedule of schedules ?? seeds.map(seededSchedule)) {
      const { violation, simulatedMs } = run(schedule);
      report.done += 1;
      report.simulatedMs += simulatedMs;
      if (violation !== undefined) report.violations.push({ seed: schedule.seed, rule: violation.rule, message: violation.message });
    }
    port.postMessage(report);
  });
  port.postMessage('ready');
}

if (parentPort !== null) await work(parentPort, workerData as WorkerData);
