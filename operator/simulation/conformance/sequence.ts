import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from '../../act/turns.ts';
import { Random } from '../random.ts';
import { begin, describeCommand, nextCommand, perform } from './commands.ts';
import type { Command } from './commands.ts';
import { ModelStage } from './model-stage.ts';
import { startRealStage } from './real-stage.ts';
import type { RealStage } from './real-stage.ts';
import { Viewer } from './view.ts';
import type { View } from './view.ts';

/** Until the model's members have done all that they will, simulated ms. */
const SETTLED_MS = 6000;
/** Real members get so long to show the same, ms. */
const SAME_MS = 20_000;
const LOOK_MS = 20;

/** What is asked of {@link compareSequences}. */
export interface Sequences {
  readonly first: number;
  readonly count: number;
  /** Of each sequence. */
  readonly commands: number;
  /** So many sequences run at the same time, each on three members of its own: most of it is waiting. */
  readonly atOnce: number;
  /** Told of each when it is over. */
  readonly told?: (agreement: Agreement) => void;
}

/** Compares the sequences of several seeds. */
export async function compareSequences({ first, count, commands, atOnce, told }: Sequences): Promise<readonly Agreement[]> {
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  const all: Agreement[] = [];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const agreement = await compareSequence(seed, commands);
      all.push(agreement);
      told?.(agreement);
    }
  }));
  return all;
}

/** What came of a sequence of commands. */
export interface Agreement {
  readonly seed: number;
  readonly commands: readonly Command[];
  /** What happened, for a person. */
  readonly lines: readonly string[];
  /** undefined where both showed the same throughout. */
  readonly difference: string | undefined;
}

/** One stage starts after the other: two at once might choose the same ports. */
const starts = new Turns();

/** Gives the same random commands to three real members and to the model, and compares what can be seen after each. */
export async function compareSequence(seed: number, count: number): Promise<Agreement> {
  const real = await starts.take(startRealStage);
  try {
    return await compare(real, seed, count);
  } finally {
    await real.stop();
  }
}

async function compare(real: RealStage, seed: number, count: number): Promise<Agreement> {
  const model = new ModelStage(seed);
  const [realViewer, modelViewer] = [new Viewer(real), new Viewer(model)];
  await outside(() => {
    model.pass(3000);
    model.finish(() => begin(model));
    model.finish(() => perform(model, { kind: 'write', member: 0, key: 'table' }));
    model.pass(SETTLED_MS);
  });
  await begin(real);
  await real.makeTable();
  await sleep(500);
  await Promise.all([realViewer.begin(), modelViewer.begin()]);
  const random = new Random(seed, 7);
  const [commands, lines]: [Command[], string[]] = [[], []];
  let views: readonly View[] = await modelViewer.look();
  let difference = await untilSame(views, realViewer);
  for (let number = 1; number <= count && difference === undefined; number += 1) {
    const command = nextCommand(random, number, views);
    commands.push(command);
    const [expected, seen] = await Promise.all([outside(() => simulate(model, command)), perform(real, command)]);
    lines.push(`${String(number).padStart(3)}  ${describeCommand(command)}: ${seen}`);
    views = await modelViewer.look();
    difference = await untilSame(views, realViewer);
    // Where the machine is busy, a member may do in the end what it did not do by the deadline.
    const isLate = seen === 'no answer' && expected === 'ok' && difference === undefined;
    if (expected !== seen && !isLate) difference = `real members answer ${seen}, the model ${expected}${difference === undefined ? '' : `\n${difference}`}`;
  }
  return { seed, commands, lines, difference };
}

function simulate(model: ModelStage, command: Command): string {
  const outcome = model.finish(() => perform(model, command));
  model.pass(SETTLED_MS);
  return outcome;
}

/** @returns what still differs after a while; undefined when nothing does */
async function untilSame(views: readonly View[], viewer: Viewer): Promise<string | undefined> {
  const until = performance.now() + SAME_MS;
  for (;;) {
    const real = await viewer.look();
    const different = views.flatMap((view, index) => (view.text === real[index]?.text ? [] : [`mysql-${index}\n       real: ${real[index]?.text}\n      model: ${view.text}`]));
    if (different.length === 0) return undefined;
    if (performance.now() > until) return different.join('\n');
    await sleep(LOOK_MS);
  }
}

/** Outside of any promise's callback, as the simulation must run. */
const outside = <T>(task: () => T): Promise<T> => new Promise((resolve, reject) => setImmediate(() => {
  try {
    resolve(task());
  } catch (error) {
    reject(error);
  }
}));
