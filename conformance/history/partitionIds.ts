/** Which partition each row belongs to, as interned ids; undefined where there is only one. */
import { operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import { guarded } from './guardedModel.ts';
import type { Model } from './model.ts';

export function partitionIds(columns: Columns, model: Model): Int32Array | undefined {
  if (model.partitionColumn !== undefined) return model.partitionColumn(columns);
  const { partition } = guarded(model);
  if (partition === undefined) return undefined;
  const ids = new Int32Array(columns.count);
  for (let row = 0; row < ids.length; row += 1) {
    ids[row] = columns.table.intern(partition(operationAt(columns, row)));
  }
  return ids;
}
