/**
 * State graphs without TLC: a model written in JavaScript, explored breadth first. For tests and
 * benchmarks of what reads graphs.
 */
import type { EdgeLabel, StateGraph } from '../conformance/behaviour/graph.ts';
import { ValueTable } from '../conformance/value/table.ts';
import type { TlaValue } from '../conformance/value/value.ts';

export type Model = Readonly<Record<string, TlaValue>>;

export interface JavaScriptModel {
  readonly initial: readonly Model[];
  readonly labels: readonly EdgeLabel[];
  /** All successors under that label; none = not enabled. */
  next(state: Model, label: EdgeLabel): readonly Model[];
  /** States for which this is false are leaves, as under an ACTION_CONSTRAINT. */
  within?(state: Model): boolean;
  readonly nodesMax?: number;
}

/** One label for each combination of the arguments. */
export function labelsOf(action: string, ...domains: (readonly TlaValue[])[]): EdgeLabel[] {
  let combinations: TlaValue[][] = [[]];
  for (const domain of domains)
    combinations = combinations.flatMap((args) => domain.map((value) => [...args, value]));
  return combinations.map((args) => ({ action, args }));
}

export function graphOf(model: JavaScriptModel): StateGraph {
  const values = new ValueTable();
  const variables = Object.keys(model.initial[0] ?? {}).sort();
  const width = variables.length;
  const numbers = new Map<string, number>();
  const rows: number[] = [];
  const offsets = [0];
  const targets: number[] = [];
  const labels: number[] = [];
  let rawEdgeCount = 0;
  const numberOf = (state: Model): number => {
    const row = variables.map((name) => values.intern(state[name] as TlaValue));
    const key = row.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    rows.push(...row);
    return numbers.size - 1;
  };
  const initial = Int32Array.from(new Set(model.initial.map(numberOf)));
  for (let node = 0; node < numbers.size; node += 1) {
    const state: Record<string, TlaValue> = {};
    variables.forEach((name, i) => (state[name] = values.value(rows[node * width + i] as number)));
    const full = numbers.size >= (model.nodesMax ?? Infinity);
    if (!full && (model.within?.(state) ?? true)) {
      model.labels.forEach((label, i) => {
        const next = model.next(state, label).map(numberOf);
        rawEdgeCount += next.length;
        for (const target of new Set(next)) {
          targets.push(target);
          labels.push(i);
        }
      });
    }
    offsets.push(targets.length);
  }
  return {
    variables,
    values,
    nodeCount: numbers.size,
    states: Int32Array.from(rows),
    initial,
    edgeOffset: Int32Array.from(offsets),
    edgeTarget: Int32Array.from(targets),
    edgeLabel: Int32Array.from(labels),
    labels: model.labels,
    edgeCount: targets.length,
    rawEdgeCount,
  };
}
