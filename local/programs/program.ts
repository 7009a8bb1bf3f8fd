/** How to start one program. */
export interface Program {
  /** Such as `9.7.4`. */
  readonly version: string;
  /** Start of the argument vector: the program, or the loader that runs it. */
  readonly command: readonly string[];
  /** Arguments to add after one's own, since some programs want `--defaults-file` first. */
  readonly extraArgs: readonly string[];
  /** Variables to add to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The whole argument vector.
 * @param program what to start
 * @param args one's own arguments
 */
export const argvOf = (program: Program, args: readonly string[]): readonly string[] => [...program.command, ...args, ...program.extraArgs];
