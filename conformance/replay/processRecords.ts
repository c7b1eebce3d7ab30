/**
 * For bindings whose code keeps one record a process where the model has one function a variable:
 * decodes and views all of them, sharing whatever can be shared, so that a step costs what it changed.
 *
 * Must hold: processes are strings, and `view` depends on the record alone. Equal slices of the model give one and the same
 * record, whose view is computed once; a function whose parts did not change is the same object, which
 * replay then need not read again.
 */
import type { TlaValue } from '../value/value.ts';
import type { ModelState } from './binding.ts';

type Slice = readonly (TlaValue | undefined)[];

export interface ProcessRecords<R> {
  /** The record of each process. */
  decode(model: ModelState, processes: readonly string[]): Record<string, R>;
  /**
   * The variables again, as functions over the processes. In a view with others, spread it last:
   * V8 takes microseconds to add properties to a spread object.
   */
  view(records: Readonly<Record<string, R>>): Record<string, TlaValue>;
}

/** Records kept for reuse; beyond that they are forgotten and made again. */
const recordsMax = 200_000;

/** Trees of Maps over a slice's values, which the table makes one object each. */
type Node<R> = Map<TlaValue | undefined, Node<R> | R>;

export function processRecords<R extends object>(o: {
  /** Variables of the spec that are functions over the processes. */
  readonly variables: readonly string[];
  /** What one process has of each variable, as the code's record. */
  decode(slice: ModelState, process: string): R;
  /** The same back: what the record has of each variable. */
  view(record: R): ModelState;
}): ProcessRecords<R> {
  const records = new RecordsOfSlices<R>(o.variables, o.decode);
  const assembled = new Assembly<R>(o.variables, o.view);
  return {
    decode: (model, processes) => {
      const made: Record<string, R> = {};
      for (const process of processes) {
        const record = records.of(model, process);
        assembled.keep(record);
        made[process] = record;
      }
      return made;
    },
    view: (all) => assembled.view(all),
  };
}

class RecordsOfSlices<R extends object> {
  private readonly roots = new Map<string, Node<R>>();
  private size = 0;

  constructor(
    private readonly variables: readonly string[],
    private readonly make: (slice: ModelState, process: string) => R,
  ) {}

  of(model: ModelState, process: string): R {
    if (this.size > recordsMax) {
      this.roots.clear();
      this.size = 0;
    }
    const { variables } = this;
    const last = variables.length - 1;
    let node = this.roots.get(process);
    if (node === undefined) this.roots.set(process, (node = new Map()));
    for (let i = 0; i < last; i += 1) {
      const value = partOf(model[variables[i]!], process);
      let next = node.get(value) as Node<R> | undefined;
      if (next === undefined) node.set(value, (next = new Map()));
      node = next;
    }
    const value = partOf(model[variables[last]!], process);
    let record = node.get(value) as R | undefined;
    if (record === undefined) {
      const parts = variables.map((name) => [name, partOf(model[name], process)]);
      record = this.make(Object.fromEntries(parts) as ModelState, process);
      node.set(value, record);
      this.size += 1;
    }
    return record;
  }
}

class Assembly<R extends object> {
  private readonly slices = new WeakMap<R, Slice | null>();
  /** The last assembly of kept records, which is the source state's, and the last of all. */
  private recent: Assembled<R>[] = [];
  /** All variables, in an object that is quick to copy. */
  private readonly blank: Record<string, TlaValue>;

  constructor(
    private readonly variables: readonly string[],
    private readonly viewOf: (record: R) => ModelState,
  ) {
    const fields = variables.map((name) => `${JSON.stringify(name)}:0`);
    this.blank = JSON.parse(`{${fields.join()}}`) as Record<string, TlaValue>;
  }

  /** Says that the record comes again and again: its slice is worth keeping. */
  keep(record: R): void {
    if (!this.slices.has(record)) this.slices.set(record, null);
  }

  view(records: Readonly<Record<string, R>>): Record<string, TlaValue> {
    const names = Object.keys(records);
    const list = names.map((name) => records[name]!);
    const [near] = this.recent;
    const like = near !== undefined && sameNames(near.names, names) ? near : undefined;
    const slices = list.map((record, i) =>
      like !== undefined && like.records[i] === record ? like.slices[i]! : this.slice(record),
    );
    const made: Record<string, TlaValue> = { ...this.blank };
    for (let v = 0; v < this.variables.length; v += 1)
      made[this.variables[v]!] = this.functionOf(v, names, slices);
    const fresh = { names, records: list, slices, functions: made };
    const [base] = this.recent;
    const kept = list.every((record) => this.slices.has(record));
    this.recent = kept || base === undefined ? [fresh] : [base, fresh];
    return made;
  }

  private functionOf(v: number, names: readonly string[], slices: readonly Slice[]): TlaValue {
    for (const old of this.recent) {
      if (old.names.length !== names.length) continue;
      let same = true;
      for (let p = 0; p < names.length && same; p += 1)
        same = old.names[p] === names[p] && old.slices[p]![v] === slices[p]![v];
      if (same) return old.functions[this.variables[v]!]!;
    }
    const made: Record<string, TlaValue> = {};
    for (let p = 0; p < names.length; p += 1) made[names[p]!] = slices[p]![v]!;
    return made;
  }

  private slice(record: R): Slice {
    const known = this.slices.get(record);
    if (known !== undefined && known !== null) return known;
    const view = this.viewOf(record);
    const slice = this.variables.map((name) => view[name]);
    if (known === null) this.slices.set(record, slice);
    return slice;
  }
}

interface Assembled<R> {
  readonly names: readonly string[];
  readonly records: readonly R[];
  readonly slices: readonly Slice[];
  readonly functions: Readonly<Record<string, TlaValue>>;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

/** What a function has for a process; one over no processes at all is the empty sequence. */
function partOf(value: TlaValue | undefined, process: string): TlaValue | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, TlaValue>>)[process];
}
