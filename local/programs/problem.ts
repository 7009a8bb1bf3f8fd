/** Something that the person at the keyboard can mend: the message is whole sentences, to be shown without a stack. */
export class Problem extends Error {
  override name = 'Problem';
}

const DISK_REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space and start again',
  EDQUOT: 'your disk quota is used up: free some space and start again',
  EACCES: 'it may not be written by this user: give it to this user, or choose another folder',
  EPERM: 'it may not be written by this user: give it to this user, or choose another folder',
  EROFS: 'its disk is read-only: choose another folder',
  ENOENT: 'there is no such file or folder, and it cannot be made: choose another folder',
  ENOTDIR: 'a file is in the way where a folder is needed: move it away, or choose another folder',
  EISDIR: 'a folder is in the way where a file is needed: move it away, or choose another folder',
  ELOOP: 'its links lead round in a circle: choose another folder',
  ENAMETOOLONG: 'its name is too long: choose another folder',
};

/**
 * Turns a file system's refusal into one sentence with its remedy; every other error comes back as it is.
 * @param error what was thrown
 * @param operation what was being done, such as `Writing the settings of mysql-0`
 * @param path the file or folder concerned
 */
export function diskProblem(error: unknown, operation: string, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const remedy = DISK_REMEDIES[code];
  return remedy === undefined ? error : new Problem(`${operation} in ${path} failed: ${remedy}.`, { cause: error });
}

/**
 * Finds a full disk in what a program wrote before it ended.
 * @param output its messages
 */
export const saysDiskFull = (output: string): boolean => /no space left on device|error number 28\b|enough free space/i.test(output);
