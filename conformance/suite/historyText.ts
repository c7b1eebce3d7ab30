/** Why a history is not linearizable, for the message of a matcher or a test. */
import { operationText } from '../history/explain.ts';
import type { HistoryResult } from '../history/linearizability.ts';
import { prefixLines } from '../history/prefixLines.ts';

export function historyText(result: HistoryResult): string {
  const { verdict, operations, reason, operationsInvolved, longestPrefix } = result;
  const what = verdict === 'unknown' ? 'could not be decided' : 'is not linearizable';
  const lines = [`the history of ${operations} operations ${what}`];
  if (reason !== undefined) lines.push(reason);
  for (const operation of operationsInvolved ?? []) lines.push(`  ${operationText(operation)}`);
  if (longestPrefix !== undefined) lines.push(...prefixLines(longestPrefix));
  return lines.join('\n');
}
