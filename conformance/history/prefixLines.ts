/** How far a legal order gets and why it ends there, as lines of text for people. */
import { operationText } from './explain.ts';
import type { LongestPrefix } from './explain.ts';

/** Of a long beginning the last ones tell most. */
const orderShown = 8;

export function prefixLines(prefix: LongestPrefix): string[] {
  const { operations, placed, told, state, refused } = prefix;
  const order = (told ?? operations.map(operationText)).slice(-orderShown);
  const more = placed > order.length ? `… ${placed - order.length} more; ` : '';
  return [
    `The longest legal beginning (${placed}): ${more}${order.join('; ') || 'nothing'}`,
    `The state then: ${state}. What could come next:`,
    ...refused.map((each) => `  ${each.told ?? operationText(each.operation)}: ${each.why}`),
  ];
}
