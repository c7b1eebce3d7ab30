/** Why a history is not linearizable, for the message of a matcher or a test. */
import { operationText } from '../history/explain.ts';
import type { HistoryResult } from '../history/linearizability.ts';

export function historyText(result: HistoryResult): string {
  const { verdict, operations, reason, operationsInvolved, longestPrefix } = result;
  const what = verdict === 'unknown' ? 'could not be decided' : 'is not linearizable';
  const lines = [`the history of ${operations} operations ${what}`];
  if (reason !== undefined) lines.push(reason);
  for (const operation of operationsInvolved ?? []) lines.push(`  ${operationText(operation)}`);
  if (longestPrefix !== undefined) {
    const order = longestPrefix.operations.map(operationText).join('; ') || 'nothing';
    lines.push(`the longest legal beginning: ${order}`);
    lines.push(`the state then: ${longestPrefix.state}; what could come next:`);
    for (const { operation, why } of longestPrefix.refused) {
      lines.push(`  ${operationText(operation)}: ${why}`);
    }
  }
  return lines.join('\n');
}
