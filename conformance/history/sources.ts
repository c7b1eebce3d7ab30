/**
 * The operations that a minimal violation read from, for the reader's sake: to each operation
 * that needs a state, the last one called before it returned that could have made it, or the
 * first one that made it too late. Of models that only have a step nothing is known: where few
 * operations that change the state come before, all of them are shown.
 */
import { FAIL } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Machine, Partition } from './model.ts';
import { sortTurns } from './partition.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

const sourcesMax = 20;

interface Parts {
  readonly partition: Partition;
  readonly machine: Machine;
}

/** `kept` and its sources, in call order. For a few: each of them costs a look at all operations. */
export function* withSources(
  columns: Columns,
  parts: Parts,
  kept: readonly number[],
): Turns<number[]> {
  const before = parts.machine.known === undefined ? changesBefore(columns, parts, kept) : [];
  const shown = new Set([...kept, ...(before.length <= sourcesMax ? before : [])]);
  const queue = [...kept];
  for (let at = 0; at < queue.length && shown.size < kept.length + sourcesMax; at += 1) {
    const source = yield* sourceOf(columns, parts, queue[at] as number);
    if (source === undefined || shown.has(source)) continue;
    shown.add(source);
    queue.push(source);
  }
  return [...(yield* sortTurns(Int32Array.from(shown).sort(), columns.invoke))];
}

/** All that may have changed the state by the time the last of `kept` returned. */
function changesBefore(
  columns: Columns,
  { partition, machine }: Parts,
  kept: readonly number[],
): number[] {
  const until = Math.max(...kept.map((row) => columns.end[row] as number));
  return [...partition.rows].filter((row, op) => {
    const changes = machine.pure[machine.effect[op] as number] !== 1;
    return changes && (columns.invoke[row] as number) <= until;
  });
}

function* sourceOf(columns: Columns, parts: Parts, row: number): Turns<number | undefined> {
  const { partition, machine } = parts;
  const made = makes(columns, parts, row);
  let best: number | undefined;
  let late: number | undefined;
  for (let op = 0; op < partition.rows.length; op += 1) {
    if ((op & betweenYields) === betweenYields) yield;
    const other = partition.rows[op] as number;
    if (other === row || columns.status[other] === FAIL) continue;
    if (machine.pure[machine.effect[op] as number] === 1) continue;
    if ((columns.invoke[other] as number) > (columns.end[row] as number)) {
      const sooner =
        late === undefined || (columns.invoke[other] as number) < (columns.invoke[late] as number);
      if (best === undefined && sooner && made(op)) late = other;
      continue;
    }
    if (
      best !== undefined &&
      (columns.invoke[other] as number) < (columns.invoke[best] as number)
    ) {
      continue;
    }
    if (made(op)) best = other;
  }
  return best ?? late;
}

/** Could this local operation have made what the operation of `row` saw? */
function makes(columns: Columns, { partition, machine }: Parts, row: number) {
  const { known } = machine;
  if (known === undefined) {
    const seen = columns.result[row] as number;
    return (op: number): boolean =>
      seen !== 0 && columns.value[partition.rows[op] as number] === seen;
  }
  const effect = machine.effect[partition.rows.indexOf(row)] as number;
  const need = effect < 0 ? -1 : (known.needs[effect] as number);
  return (op: number): boolean => {
    const does = machine.effect[op] as number;
    if (need === -1 || does < 0) return false;
    const from = known.offset[does] as number;
    return known.made.subarray(from, known.offset[does + 1]).includes(need);
  };
}
