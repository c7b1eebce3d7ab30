/** Traces as plain data, for another thread: values as TLA+ text, each once. */
import type { EdgeLabel } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';
import { hashParts } from '../sources/contentHash.ts';
import { ValueTable } from '../value/table.ts';

export interface PackedTraces {
  readonly variables: readonly string[];
  readonly texts: readonly string[];
  readonly traces: readonly {
    readonly states: Int32Array;
    readonly labels: readonly (PackedLabel | undefined)[];
  }[];
  /** All labels of the model. */
  readonly labels: readonly PackedLabel[];
}

export interface PackedLabel {
  readonly action: string;
  readonly args: readonly string[];
}

/** All traces have the values of `values`. */
export function packTraces(
  values: ValueTable,
  traces: readonly Trace[],
  o: { readonly variables: readonly string[]; readonly labels: readonly EdgeLabel[] },
): PackedTraces {
  const numbers = new Map<number, number>();
  const texts: string[] = [];
  const pack = (label: EdgeLabel | undefined): PackedLabel | undefined =>
    label && {
      action: label.action,
      args: label.args.map((arg) => values.format(values.intern(arg))),
    };
  const packed = traces.map(({ states, labels }) => ({
    states: states.map((id) => {
      let number = numbers.get(id);
      if (number === undefined) numbers.set(id, (number = texts.push(values.format(id)) - 1));
      return number;
    }),
    labels: labels.map(pack),
  }));
  return { variables: o.variables, texts, traces: packed, labels: o.labels.map((l) => pack(l)!) };
}

/** Names all that the traces say, so whatever made them is known by what it made. */
export function keyOf({ variables, texts, traces, labels }: PackedTraces): string {
  const said = { variables, texts, labels, steps: traces.map((trace) => trace.labels) };
  const states = traces.map((trace) => new Uint8Array(trace.states.slice().buffer));
  return hashParts([JSON.stringify(said), ...states]);
}

export interface UnpackedTraces {
  readonly variables: readonly string[];
  readonly values: ValueTable;
  readonly traces: readonly Trace[];
  readonly labels: readonly EdgeLabel[];
}

export function unpackTraces({ variables, texts, traces, labels }: PackedTraces): UnpackedTraces {
  const values = new ValueTable();
  const ids = texts.map((text) => values.parse(text));
  const known = new Map<string, EdgeLabel>();
  const unpack = (label: PackedLabel): EdgeLabel => {
    const key = JSON.stringify(label);
    let made = known.get(key);
    if (made === undefined) {
      const args = label.args.map((text) => values.value(values.parse(text)));
      known.set(key, (made = { action: label.action, args }));
    }
    return made;
  };
  const width = variables.length;
  return {
    variables,
    values,
    labels: labels.map(unpack),
    traces: traces.map((trace) => ({
      variables,
      values,
      length: trace.states.length / width,
      states: trace.states.map((number) => ids[number]!),
      labels: trace.labels.map((label) => label && unpack(label)),
    })),
  };
}
