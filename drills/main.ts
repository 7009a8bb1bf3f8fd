import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { USAGE_EXIT } from '../common/arguments.ts';
import { makeOutDir, reasonOf, stampNow } from '../common/reports.ts';
import { Problem } from '../local/programs/problem.ts';
import { runChaos, type ChaosPlan } from './chaos/chaos.ts';
import { CHAOS_CALM, clusterKinds, CLUSTER_HEAL_MS, LINKED, LOCAL_HEAL_MS } from './chaos/where.ts';
import { LOCAL_KINDS } from './chaos/faults.ts';
import { chaosSentence, isSound, sumsOf } from './chaos/scene.ts';
import type { Ground } from './faults/fault.ts';
import { CLUSTER_SCENARIOS } from './kubernetes/scenarios.ts';
import { clusterStages } from './kubernetes/stages.ts';
import { CLUSTER_LOAD, DRILL_LOAD } from './load/load.ts';
import { HELP, parseCommand, type Command, type Named, type Plan, type RunOptions } from './options.ts';
import { sceneOf } from './report/drill.ts';
import { page } from './report/page.ts';
import { runOnce } from './run.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { OwnStages, runningStages, type Stages } from './stages.ts';
import { judgeMedians, slackened } from './verdict/judge.ts';
import { details, isPassed, table, type Outcome } from './verdict/report.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(text);

/** Runs what the command line asks for. @returns the exit code */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = understood(args);
  if (command === undefined) return USAGE_EXIT;
  if (command.kind === 'run' || command.kind === 'chaos') makeOutDir(command.options.outDir, Problem);
  if (command.kind === 'help') print(HELP);
  if (command.kind === 'list') print(listOf(command.scenarios));
  if (command.kind === 'chaos') return await chaosOn(command, signal);
  return command.kind === 'run' ? await runPlan(command.plan, command.options, signal) : 0;
}

/** What the command line asks for; undefined, once it is said what is wrong with it. */
function understood(args: readonly string[]): Command | undefined {
  try {
    return parseCommand(args, { local: SCENARIOS, kubernetes: CLUSTER_SCENARIOS }, process.env);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(error.message);
    return undefined;
  }
}

function listOf(scenarios: readonly Named[]): string {
  const width = Math.max(...scenarios.map((one) => one.name.length));
  return scenarios.map((one) => `${one.name.padEnd(width)}  ${one.says}\n`).join('');
}

async function runPlan(plan: Plan, options: RunOptions, signal: AbortSignal): Promise<number> {
  const common = { now: () => performance.now(), signal, note: say };
  if (plan.target === 'kubernetes') return await runAll(plan.scenarios, options, clusterStages(plan.cluster, common));
  return await runAll(plan.scenarios, options, plan.here ? runningStages(plan.dataDir, common) : new OwnStages(common));
}

/** One random fault after the other. */
async function chaosOn({ plan, options, chaos }: Command & { kind: 'chaos' }, signal: AbortSignal): Promise<number> {
  const common = { now: () => performance.now(), signal, note: say };
  if (plan.target === 'kubernetes') return await ended({ ...chaos, ...options, kinds: clusterKinds(), load: CLUSTER_LOAD, calm: CHAOS_CALM, healMs: CLUSTER_HEAL_MS }, clusterStages(plan.cluster, common), CLUSTER_SCENARIOS[0]);
  if (plan.here) throw new Problem('Chaos takes place on a stack of its own only: leave out --here.');
  return await ended({ ...chaos, ...options, kinds: LOCAL_KINDS, load: DRILL_LOAD, calm: CHAOS_CALM, healMs: LOCAL_HEAL_MS }, new OwnStages(common), LINKED);
}

/** Says how it went, and ends what was started. @returns the exit code */
async function ended<S extends Ground>(plan: ChaosPlan<S> & Pick<RunOptions, 'json'>, stages: Stages<S>, where: Scenario<S> | undefined): Promise<number> {
  if (where === undefined) throw new Problem('There is no drill that says where chaos takes place.');
  try {
    const chaos = await runChaos(plan, await stages.stageFor(where));
    stages.went(isSound(chaos) ? 'well' : 'badly');
    print(`\n${chaosSentence(chaos)}\n${chaos.gone.map((text) => `WRONG: ${text}\n`).join('')}`);
    if (plan.json !== null) writeFileSync(plan.json, `${JSON.stringify({ passed: isSound(chaos), seed: chaos.seed, sums: sumsOf(chaos), gone: chaos.gone }, undefined, 2)}\n`);
    return isSound(chaos) ? 0 : 1;
  } finally {
    await stages.end();
  }
}

async function runAll<S extends Ground>(written: readonly Scenario<S>[], options: RunOptions, stages: Stages<S>): Promise<number> {
  const scenarios = written.map((one) => ({ ...one, bounds: slackened(one.bounds, options.slack) }));
  const outcomes: Outcome[] = [];
  try {
    for (const scenario of scenarios) outcomes.push(...(await runDrill(scenario, options, stages)));
  } finally {
    await stages.end();
  }
  const medians = scenarios.flatMap((scenario) => mediansOf(scenario, outcomes));
  const passed = outcomes.every(isPassed) && medians.length === 0;
  print(`\n${table(outcomes)}${medians.map((text) => `WRONG: ${text}\n`).join('')}`);
  if (options.slack !== 1) print(`Every bound that is a time was multiplied by ${options.slack} (--slack).\n`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify({ passed, slack: options.slack, outcomes, medians }, undefined, 2)}\n`);
  return passed ? 0 : 1;
}

/** Runs one drill as often as asked; a run that could not be carried out does not keep the next from being tried. */
async function runDrill<S extends Ground>(scenario: Scenario<S>, { runs, outDir }: RunOptions, stages: Stages<S>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const stage = await stages.stageFor(scenario);
    say(`${scenario.name}, run ${run} of ${runs}: ${scenario.says} …`);
    const outcome = await carriedOut(scenario, stage, { run, paper: join(outDir, `${scenario.name}-${stampNow()}`) });
    stages.went(isPassed(outcome) ? 'well' : 'badly');
    print(details(outcome));
    outcomes.push(outcome);
  }
  return outcomes;
}

async function carriedOut<S extends Ground>(scenario: Scenario<S>, stage: S, { run, paper }: { readonly run: number; readonly paper: string }): Promise<Outcome> {
  try {
    const done = await runOnce(scenario, stage, `${paper}.jsonl`);
    writeFileSync(`${paper}.html`, page(sceneOf(scenario, run, done)));
    say(`The report is ${paper}.html.`);
    return { kind: 'judged', drill: scenario.name, run, verdict: done.verdict };
  } catch (error) {
    stage.signal.throwIfAborted();
    return { kind: 'broken', drill: scenario.name, run, reason: reasonOf(error) };
  }
}

function mediansOf(scenario: Pick<Scenario, 'name' | 'bounds'>, outcomes: readonly Outcome[]): readonly string[] {
  const verdicts = outcomes.filter((one) => one.kind === 'judged' && one.drill === scenario.name).map((one) => (one.kind === 'judged' ? [one.verdict] : []));
  return judgeMedians(scenario.bounds, verdicts.flat()).map((text) => `${scenario.name}: ${text}`);
}

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => interrupted.abort(new Problem('The drill was interrupted.')));
}

try {
  process.exitCode = await main(process.argv.slice(2), interrupted.signal);
} catch (error) {
  say(error instanceof Problem ? error.message : `The drill failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
}
