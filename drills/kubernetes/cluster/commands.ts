import { Problem } from '../../../local/programs/problem.ts';
import { runProgram } from './kubectl.ts';

/** What a person can do to a machine and kubectl cannot: commands that the user names, one per fault and one that mends it. */
export const COMMANDS = {
  'node-kill': 'HOLDFAST_NODE_KILL',
  'node-start': 'HOLDFAST_NODE_START',
  'node-cut': 'HOLDFAST_NODE_CUT',
  'node-heal': 'HOLDFAST_NODE_HEAL',
  'node-pause': 'HOLDFAST_NODE_PAUSE',
  'node-resume': 'HOLDFAST_NODE_RESUME',
  'api-stop': 'HOLDFAST_API_STOP',
  'api-start': 'HOLDFAST_API_START',
} as const;

/** One of {@link COMMANDS}: also the name of the flag that sets it. */
export type CommandName = keyof typeof COMMANDS;

/** The commands that were given. */
export type Commands = Partial<Readonly<Record<CommandName, string>>>;

/** A node may need a while to start. */
const LIMIT_MS = 120_000;

/**
 * The line that a shell gets.
 * @param node stands for `{node}`
 * @throws Problem when the user named no such command
 */
export function commandLine(commands: Commands, name: CommandName, node: string): string {
  const template = commands[name];
  if (template === undefined) throw new Problem(`This drill needs --${name} 'COMMAND${name.startsWith('node') ? ' {node}' : ''}' (or ${COMMANDS[name]}): kubectl cannot do it.`);
  return template.replaceAll('{node}', node);
}

/** Checks that all of them were named, before anything is broken. @throws Problem that names the first that was not */
export function demand(commands: Commands, ...names: readonly CommandName[]): void {
  for (const name of names) commandLine(commands, name, '');
}

/**
 * Runs one of the commands with a shell.
 * @throws Error with what it said when it failed
 */
export async function runCommand(commands: Commands, name: CommandName, node = ''): Promise<void> {
  // Not the drill's own signal: what mends is carried out also when the drill is interrupted.
  await runProgram(['sh', '-c', commandLine(commands, name, node)], { signal: new AbortController().signal, limitMs: LIMIT_MS });
}
