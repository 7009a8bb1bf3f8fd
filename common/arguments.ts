/** Exit code for a command line that cannot be used. */
export const USAGE_EXIT = 2;

/**
 * What to say of a command line that `parseArgs` refused: what is wrong, and where the help is.
 * @param command as it is typed, `npm run seed`
 * @returns undefined for any other error
 */
export function usageProblem(error: unknown, command: string): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('ERR_PARSE_ARGS')) return undefined;
  // The next sentence may be on a line of its own.
  const [sentence = ''] = error.message.split(/\.\s/);
  return `${sentence.replace(/\.$/, '')}. See ${command} -- --help.`;
}
