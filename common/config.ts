import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** Reads one setting's text into its value; throws an Error whose message says what is expected. */
export type Parse<T> = (text: string) => T;

/** One setting: the variable's name, how to read it, what it means, and its default (none: it must be set). */
export interface Setting<T> {
  readonly variable: string;
  readonly parse: Parse<T>;
  /** Meaning with unit, for `--help` and error messages. */
  readonly meaning: string;
  readonly fallback?: T;
  /** Its value never appears in messages. */
  readonly secret?: true;
}

/** What {@link readConfig} returns for a record of settings. */
export type Config<S extends Record<string, Setting<unknown>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Every wrong setting of a program, collected, one line each. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Wrong settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads all settings of a program at once.
 * @param settings one entry per setting
 * @param env variables, normally from {@link environment}
 * @throws ConfigError that names every wrong or missing one
 */
export function readConfig<S extends Record<string, Setting<unknown>>>(settings: S, env: Readonly<Record<string, string | undefined>>): Config<S> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings)) {
    const text = env[setting.variable];
    if (text === undefined || text === '') {
      if (!('fallback' in setting)) problems.push(`${setting.variable} is not set: ${setting.meaning}.`);
      values[key] = setting.fallback;
      continue;
    }
    try {
      values[key] = setting.parse(text);
    } catch (error) {
      const shown = setting.secret === true ? 'its value' : JSON.stringify(text);
      problems.push(`${setting.variable}: ${shown} is not valid: ${(error as Error).message} (${setting.meaning}).`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Config<S>;
}

/**
 * The process environment over the entries of a `.env` file, where there is one.
 * @param file path of the file; it may be missing
 * @throws ConfigError when it is there and cannot be read
 */
export function environment(file = '.env'): Record<string, string | undefined> {
  return { ...(existsSync(file) ? entriesOf(file) : {}), ...process.env };
}

function entriesOf(file: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError([`${file} cannot be read: ${(cause as Error).message}; mend it, or move it away.`]);
  }
}

/** A whole number in a closed range. */
export const integer = ({ min, max }: { min: number; max: number }): Parse<number> => (text) => {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < min || value > max) throw new Error(`expected a whole number from ${min} to ${max}`);
  return value;
};

/** A TCP port, 1–65535. */
export const port: Parse<number> = integer({ min: 1, max: 65_535 });

/** One of the given words. */
export const oneOf = <const W extends readonly string[]>(words: W): Parse<W[number]> => (text) => {
  if (!words.includes(text)) throw new Error(`expected one of ${words.join(', ')}`);
  return text;
};

/** Any text that is not empty. */
export const text: Parse<string> = (value) => value;
