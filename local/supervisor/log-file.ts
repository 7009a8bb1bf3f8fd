import { appendFileSync, copyFileSync, openSync, statSync, truncateSync } from 'node:fs';

/** A log file is moved aside when it is larger; with the one kept aside, a process has at most twice that. In bytes. */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Opens a log file for a process to write to. Processes write to the file itself, not to a pipe of the supervisor:
 * they neither wait for a supervisor that is frozen nor die of one that is gone.
 * @returns a file descriptor in append mode, to be closed by the caller
 */
export const openLog = (path: string): number => openSync(path, 'a', 0o640);

/** The one older part that is kept of a log. */
export const olderPart = (path: string): string => `${path}.1`;

/**
 * Moves a log aside when it is too large: copied, then emptied, since its process goes on writing to the same file. A
 * line that is written between the two is lost.
 * @returns whether it was
 */
export function rotateLog(path: string, limitBytes: number = LOG_LIMIT_BYTES): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= limitBytes) return false;
  copyFileSync(path, olderPart(path));
  truncateSync(path);
  return true;
}

/**
 * Adds one line of the supervisor's own; a full disk costs the line, not the supervisor.
 * @param at milliseconds since 1970
 */
export function appendLine(path: string, text: string, at: number): void {
  try {
    appendFileSync(path, `${new Date(at).toISOString()} ${text}\n`);
  } catch {
    // Whoever watches sees the same line in the status.
  }
}
