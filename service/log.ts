import { type DestinationStream, type Logger, pino } from 'pino';

/** What a log may show of an error: drivers put statements, packets and commands with their arguments on theirs. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Causes deeper than this are left out. */
const DEEPEST = 5;

/** The harmless part of an error, its causes included. */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no error was thrown' };
  const { code, errno } = error as Error & { code?: unknown; errno?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(errno === undefined ? {} : { errno }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= DEEPEST ? {} : { cause: loggedError(error.cause, depth + 1) }),
  };
}

/**
 * JSON lines on stdout.
 * @param destination elsewhere, for tests
 */
export function createLog(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => loggedError(error), error: (error: unknown) => loggedError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
