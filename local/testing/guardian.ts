import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ends what a test started and removes its folder when the test process ends, however it ends. */
export interface Guardian {
  /** A folder for the test's servers. */
  readonly folder: string;
  /** True once {@link Guardian.end} was called: nothing may be started any more, since nobody would end it. */
  readonly over: () => boolean;
  /** Adds a process group. */
  readonly watch: (pgid: number) => void;
  /** Takes a process group off that has ended. */
  readonly forget: (pgid: number) => void;
  /** Ends all that is left, removes the folder and resolves when that is done. */
  readonly end: () => Promise<void>;
}

/** Reads `+PGID` and `-PGID` until the pipe closes, which it does when the test process is killed, too. */
const SCRIPT = `
groups=' '
while read -r line; do
  pgid=\${line#?}
  case $line in
    +*) groups="$groups$pgid " ;;
    *) groups="\${groups%% $pgid *} \${groups#* $pgid }" ;;
  esac
done
for pgid in $groups; do kill -9 "-$pgid" 2>/dev/null; done
for try in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null; [ -e "$1" ] || break; sleep 0.1; done
`;

/**
 * Starts a guardian with a new folder below the system's temporary one.
 * @param name part of the folder's name
 */
export function startGuardian(name: string): Guardian {
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  const shell = spawn('sh', ['-c', SCRIPT, 'guardian', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  shell.unref();
  shell.stdin.on('error', () => undefined);
  let over = false;
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return {
    folder,
    over: () => over,
    watch: (pgid) => shell.stdin.write(`+${pgid}\n`),
    forget: (pgid) => shell.stdin.write(`-${pgid}\n`),
    end: () => {
      over = true;
      shell.ref();
      shell.stdin.end();
      return ended;
    },
  };
}
