import { createInterface } from 'node:readline/promises';
import { Problem } from '../programs/problem.ts';

/**
 * Asks the person on the terminal whether to go on.
 * @param consequence what will happen, a whole sentence
 * @param command what to run where nobody can be asked
 * @throws Problem when there is no terminal
 */
export async function isConfirmed(consequence: string, command: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Problem(`${consequence} Where nobody can be asked, say so: ${command}`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await lines.question(`${consequence} Go on? (yes/no) `)).trim().toLowerCase() === 'yes';
  } finally {
    lines.close();
  }
}
