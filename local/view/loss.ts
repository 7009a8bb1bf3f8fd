import type { Loss } from '../../common/operator-api.ts';

function lossLine({ member, count, gtids, reason }: Loss): string {
  const what = count === null ? 'nobody can tell how many' : `${count} ${count === 1 ? 'transaction' : 'transactions'}`;
  // Never cut: these are to be copied, and looked for with mysqlbinlog.
  return `  ${member}: ${what} (${reason})${gtids === '' ? '' : `: ${gtids}`}`;
}

/**
 * What a failover with loss would lose, for a person to decide on.
 * @param lost as the operator sent it
 */
export function lossLines(lost: readonly Loss[]): readonly string[] {
  if (lost.length === 0) return ['No transaction would be lost, as far as the members that answer can tell.'];
  return ['What would be lost:', ...lost.map(lossLine)];
}
