import type { StackStatus } from '../stack/status.ts';

/** What a stack that starts is waiting for, in words. */
export function waitsFor({ processes, operator }: StackStatus): string {
  const missing = processes.filter(({ state }) => state !== 'running');
  const failing = missing.filter(({ restarts }) => restarts > 1).map(({ name }) => name);
  if (failing.length > 0) return `${failing.join(', ')} ${failing.length === 1 ? 'fails' : 'fail'} to start: look at npm run logs ${failing[0] ?? ''}`;
  if (missing.length > 0) return missing.map(({ name }) => name).join(', ');
  if (operator === null) return 'the operator';
  if (operator.primary === null) return `a primary${operator.decision?.reason === undefined ? '' : ` (${operator.decision.reason})`}`;
  return 'the first write';
}
