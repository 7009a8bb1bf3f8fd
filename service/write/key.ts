import { hash } from 'node:crypto';
import type { Command } from './command.ts';

/** What names a client's request, so that it is executed once however often it arrives. */
export interface RequestKey {
  /** Whose name it is: two kinds never meet, so that nobody can pass off one as the other. */
  readonly kind: 'client' | 'edge' | 'own';
  readonly method: string;
  readonly path: string;
  /** Taken as it is: `abc` is not `ABC`. */
  readonly key: string;
}

const sha256 = (parts: readonly unknown[]): Buffer => hash('sha256', JSON.stringify(parts), 'buffer');

/** 32 bytes over kind, method, path and key. JSON keeps the parts apart. */
export const keyHash = ({ kind, method, path, key }: RequestKey): Buffer => sha256([kind, method, path, key]);

/** 32 bytes over everything else that the command asks: the validated body, whatever its blanks, and the preconditions. */
export function bodyHash(command: Command): Buffer {
  const body = command.kind === 'delete' ? null : Object.entries(command.values);
  return sha256([body, command.kind === 'create' ? null : command.preconditions]);
}
