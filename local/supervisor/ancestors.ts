import { commandLine, identify, isAlive, parentOf } from './identity.ts';
import type { Identity } from './identity.ts';

const LOOK_EVERY_MS = 500;
const DEEPEST = 20;

/**
 * The processes between this one and the npm that started it, npm included. When npm is killed, the signal never reaches
 * what it started; and the shell between the two may live on.
 * @returns nothing when no npm is among the ancestors
 */
export function ancestorsUpToNpm(pid: number = process.pid): readonly Identity[] {
  const found: Identity[] = [];
  for (let parent = parentOf(pid); parent !== undefined && parent > 1 && found.length < DEEPEST; parent = parentOf(parent)) {
    const identity = identify(parent);
    if (identity === undefined) return [];
    found.push(identity);
    if (isNpm(commandLine(parent))) return found;
  }
  return [];
}

/** npm calls itself `npm start` in its title, or is a script that Node runs. */
export const isNpm = (command: string): boolean => /^npm(\s|$)|[/\\]npm(-cli\.js)?(\s|$)/.test(command);

/**
 * Watches over those who have to live as long as this process does.
 * @param onLoss called once, when the first of them is gone
 * @returns ends the watch
 */
export function watchOver(ancestors: readonly Identity[], onLoss: () => void): () => void {
  const timer = setInterval(() => {
    if (ancestors.every(isAlive)) return;
    clearInterval(timer);
    onLoss();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
