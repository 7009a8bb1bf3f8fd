import { parseArgs } from 'node:util';
import { usageProblem } from '../common/arguments.ts';
import { DEFAULT_NAMESPACE } from '../common/kubernetes.ts';
import { Problem } from '../local/programs/problem.ts';
import type { ClusterOptions } from './kubernetes/cluster/cluster.ts';
import { COMMANDS, type CommandName, type Commands } from './kubernetes/cluster/commands.ts';
import type { ClusterScenario } from './kubernetes/stage.ts';
import type { Scenario } from './scenario.ts';

/** What a list shows of a drill. */
export type Named = Pick<Scenario, 'name' | 'says'>;

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list'; readonly scenarios: readonly Named[] }
  | { readonly kind: 'run'; readonly plan: Plan; readonly options: RunOptions }
  | { readonly kind: 'chaos'; readonly plan: Plan; readonly options: RunOptions; readonly chaos: ChaosOptions };

/** Where which drills are run. */
export type Plan =
  | {
    readonly target: 'local';
    readonly scenarios: readonly Scenario[];
    /** On the stack that runs already, instead of one of its own. */
    readonly here: boolean;
    /** Data folder of the stack that runs already. */
    readonly dataDir: string;
  }
  | { readonly target: 'kubernetes'; readonly scenarios: readonly ClusterScenario[]; readonly cluster: ClusterOptions };

/** How drills are run. */
export interface RunOptions {
  /** How many times in a row. */
  readonly runs: number;
  /** Where the results go as JSON; null: nowhere. */
  readonly json: string | null;
  /** Folder for a report and a history of each run. */
  readonly outDir: string;
  /** What every bound that is a time is multiplied by: for machines with more to do. */
  readonly slack: number;
}

/** How long, and which faults. */
export interface ChaosOptions {
  readonly minutes: number;
  /** The same seed gives the same faults, in the same order. */
  readonly seed: number;
}

/** Every drill there is. */
export interface AllScenarios {
  readonly local: readonly Scenario[];
  readonly kubernetes: readonly ClusterScenario[];
}

const MAX_RUNS = 1000;
/** Where reports go. */
export const DEFAULT_OUT = 'drill-reports';

const MAX_SLACK = 100;

/** Where kind-config.yaml publishes the two edges. */
const DEFAULT_URLS = 'http://127.0.0.1:8000,http://127.0.0.1:8001';

/** The text of `--help`. */
export const HELP = `Breaks a part of the stack under load and checks that nothing that was acknowledged is lost.

  npm run drill -- list              every drill with what it breaks
  npm run drill -- NAME…             run drills one after the other, on a stack of their own that is started for them
  npm run drill -- all               run every drill
  npm run chaos -- --minutes N --seed S    one random fault after the other; the same seed gives the same faults

  --runs K        each drill K times in a row, with medians
  --json FILE     write the results there too
  --out DIR       where each run leaves its report (one HTML file) and its history (JSON lines); default drill-reports
  --slack N       multiply every bound that is a time by N, for a machine that has more to do; counts stay as they are
  --here          on the stack that runs already; the drill's rows begin with "holdfast drill" and are removed afterwards
  --data DIR      the data folder of the stack that runs already (default .data)

  --target kubernetes    the drills of the stack that is installed in the current context of kubectl
  --namespace NAME       where it is installed there (default ${DEFAULT_NAMESPACE})
  --url A,B              addresses of its edges, in the order of the names of their nodes (default
                         ${DEFAULT_URLS})
  --node-kill 'COMMAND {node}', --node-start, --node-cut, --node-heal, --node-pause, --node-resume
                         what a shell does to a node where kubectl cannot, for the drills that need it
  --api-stop 'COMMAND', --api-start
                         the same for the API server; each may be a setting instead, such as HOLDFAST_NODE_KILL

Exit code 0: every drill kept its bounds. 1: one did not, or its fault did not happen.
`;

/**
 * Reads the command line.
 * @param args what follows `npm run drill --`
 * @param all every drill there is
 * @param env where the commands stand that no flag names
 * @throws Problem that says what is wrong with it
 */
export function parseCommand(args: readonly string[], all: AllScenarios, env: NodeJS.ProcessEnv): Command {
  const { values, positionals } = parsed(args);
  if (values.help === true || positionals.length === 0) return { kind: 'help' };
  const plan = planOf(values, all, env);
  if (positionals[0] === 'list') return { kind: 'list', scenarios: plan.scenarios };
  const runs = Number(values.runs);
  if (!/^\d+$/.test(values.runs) || runs < 1 || runs > MAX_RUNS) throw new Problem(`--runs takes a whole number from 1 to ${MAX_RUNS}, not ${JSON.stringify(values.runs)}.`);
  const slack = Number(values.slack);
  if (!(slack >= 1 && slack <= MAX_SLACK)) throw new Problem(`--slack takes a number from 1 to ${MAX_SLACK}, not ${JSON.stringify(values.slack)}.`);
  const options = { runs, json: values.json ?? null, outDir: values.out, slack };
  if (positionals[0] === 'chaos') return { kind: 'chaos', plan, options, chaos: chaosIn(values) };
  return plan.target === 'local'
    ? { kind: 'run', options, plan: { ...plan, scenarios: chosen(positionals, plan.scenarios) } }
    : { kind: 'run', options, plan: { ...plan, scenarios: chosen(positionals, plan.scenarios) } };
}

const MAX_MINUTES = 10_000;
const MAX_SEED = 4_294_967_295;

function chaosIn({ minutes, seed }: Values): ChaosOptions {
  const [length, chosen] = [Number(minutes), Number(seed)];
  if (!(length > 0 && length <= MAX_MINUTES)) throw new Problem(`--minutes takes a number above 0, up to ${MAX_MINUTES}, not ${JSON.stringify(minutes)}.`);
  if (!/^\d+$/.test(seed) || chosen > MAX_SEED) throw new Problem(`--seed takes a whole number from 0 to ${MAX_SEED}, not ${JSON.stringify(seed)}.`);
  return { minutes: length, seed: chosen };
}

type Values = ReturnType<typeof parsed>['values'];

/** All drills of the target that is named, with what belongs to it. */
function planOf(values: Values, all: AllScenarios, env: NodeJS.ProcessEnv): Plan {
  const { target } = values;
  if (target === 'local') {
    refuse(values, ['namespace', 'url', ...COMMAND_NAMES], 'only for --target kubernetes');
    return { target, scenarios: all.local, here: values.here === true, dataDir: values.data ?? '.data' };
  }
  if (target !== 'kubernetes') throw new Problem(`--target takes local or kubernetes, not ${JSON.stringify(target)}.`);
  refuse(values, ['here', 'data'], 'not for --target kubernetes, whose stack is the one that is installed');
  const cluster = { namespace: values.namespace ?? DEFAULT_NAMESPACE, urls: urlsIn(values.url ?? DEFAULT_URLS), commands: commandsIn(values, env) };
  return { target, scenarios: all.kubernetes, cluster };
}

const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

function refuse(values: Values, names: readonly (keyof Values)[], why: string): void {
  const found = names.find((name) => values[name] !== undefined);
  if (found !== undefined) throw new Problem(`--${found} is ${why}.`);
}

function urlsIn(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const url = URL.parse(part.trim());
    if (url?.protocol !== 'http:') throw new Problem(`--url takes addresses such as http://127.0.0.1:8000, separated by commas, not ${JSON.stringify(part)}.`);
    return url.origin;
  });
}

/** Flags first, else settings. */
function commandsIn(values: Values, env: NodeJS.ProcessEnv): Commands {
  const given = COMMAND_NAMES.map((name) => [name, values[name] ?? env[COMMANDS[name]]] as const).filter(([, command]) => command !== undefined && command !== '');
  return Object.fromEntries(given);
}

function chosen<T extends Named>(names: readonly string[], scenarios: readonly T[]): readonly T[] {
  if (names.includes('all')) return scenarios;
  return names.map((name) => {
    const found = scenarios.find((one) => one.name === name);
    if (found === undefined) throw new Problem(`There is no drill ${JSON.stringify(name)}: npm run drill -- list names them all.`);
    return found;
  });
}

const COMMAND_FLAGS = {
  'node-kill': { type: 'string' }, 'node-start': { type: 'string' }, 'node-cut': { type: 'string' }, 'node-heal': { type: 'string' },
  'node-pause': { type: 'string' }, 'node-resume': { type: 'string' }, 'api-stop': { type: 'string' }, 'api-start': { type: 'string' },
} as const satisfies Record<CommandName, { type: 'string' }>;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        help: { type: 'boolean' }, here: { type: 'boolean' }, data: { type: 'string' }, runs: { type: 'string', default: '1' }, slack: { type: 'string', default: '1' }, json: { type: 'string' }, out: { type: 'string', default: DEFAULT_OUT }, minutes: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' },
        target: { type: 'string', default: 'local' }, namespace: { type: 'string' }, url: { type: 'string' }, ...COMMAND_FLAGS,
      },
    });
  } catch (error) {
    throw new Problem(usageProblem(error, 'npm run drill') ?? (error as Error).message, { cause: error });
  }
}
