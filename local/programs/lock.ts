import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs an action while holding an exclusive lock on a file. A helper process holds it and ends with this one, however
 * this one ends, so that no lock is ever left behind.
 * @param file made when missing
 * @param waiting called once when another process holds it for more than half a second
 * @param signal gives up waiting
 */
export async function withFileLock<T>(file: string, options: { readonly waiting: () => void; readonly signal?: AbortSignal }, action: () => Promise<T>): Promise<T> {
  const { waiting, signal } = options;
  const helper = spawn('flock', ['--exclusive', file, '-c', 'echo held; exec cat'], { stdio: 'pipe' });
  let complaint = '';
  helper.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const closed = once(helper, 'close');
  const timer = setTimeout(waiting, 500);
  const giveUp = (): unknown => helper.kill();
  try {
    signal?.addEventListener('abort', giveUp);
    const held = await Promise.race([once(helper.stdout, 'data').then(() => true), closed.then(() => false)]);
    signal?.removeEventListener('abort', giveUp);
    signal?.throwIfAborted();
    if (!held) throw new Error(`Locking ${file} failed: ${complaint.trim()}`);
    clearTimeout(timer);
    return await action();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    helper.stdin.on('error', () => undefined).end();
    await closed.catch(() => undefined);
  }
}
