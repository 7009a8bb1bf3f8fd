import { parseArgs } from 'node:util';
import { usageProblem, USAGE_EXIT } from '../../../common/arguments.ts';
import { KINDS } from './commands.ts';
import { compareSequences } from './sequence.ts';
import type { Agreement } from './sequence.ts';

const USAGE = `npm run conformance -- [--seeds N] [--seed S] [--commands C] [--at-once K]
  --seeds N     how many random sequences of commands, each on three real members of its own and on the model (10)
  --seed S      the first seed (1)
  --commands C  commands of each sequence (20)
  --at-once K   sequences at the same time (3)
`;
/** Lines of a sequence that are shown where the model differs. */
const SHOWN = 12;

const tell = ({ seed, commands, lines, difference }: Agreement): void =>
  void process.stdout.write(difference === undefined ? `seed ${seed}: ${commands.length} commands, no difference\n` : `seed ${seed} differs:\n${lines.slice(-SHOWN).join('\n')}\n${difference}\n`);

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { seeds: { type: 'string' }, seed: { type: 'string' }, commands: { type: 'string' }, 'at-once': { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const whole = (name: 'seeds' | 'seed' | 'commands' | 'at-once', fallback: number): number => {
    const number = Number(values[name] ?? fallback);
    if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} must be a whole number from 1 up, not ${String(values[name])}.\n${USAGE}`);
    return number;
  };
  const all = await compareSequences({ first: whole('seed', 1), count: whole('seeds', 10), commands: whole('commands', 20), atOnce: whole('at-once', 3), told: tell });
  const commands = all.flatMap((one) => one.commands);
  const same = all.filter(({ difference }) => difference === undefined).length;
  const missing = KINDS.filter((kind) => commands.every((one) => one.kind !== kind));
  process.stdout.write(`${same} of ${all.length} sequences without a difference, ${commands.length} commands${missing.length === 0 ? ' of every kind' : `, none of them ${missing.join(', ')}`}\n`);
  return same === all.length ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${usageProblem(error, 'npm run conformance') ?? (error as Error).message}\n`);
  process.exitCode = USAGE_EXIT;
}
