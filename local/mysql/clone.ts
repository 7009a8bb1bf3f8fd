import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MemberFolder } from './folder.ts';

export function forgetIdentityAfterClone(folder: MemberFolder): boolean {
  if (!existsSync(join(folder.data, '#clone', '#status_fix'))) return false;
  rmSync(join(folder.data, 'auto.cnf'), { force: true });
  return true;
}
