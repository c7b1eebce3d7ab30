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
      assembled.decoded(model);
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
  /** Slices of kept records; null until one is asked for. */
  private readonly slices = new WeakMap<R, Slice | null>();
  /** The last assembly of kept records, which is the source state's, and the last of all. */
  private base: Assembled<R> | undefined;
  private last: Assembled<R> | undefined;
  /** What was decoded last: its functions serve again where the view has the same parts. */
  private model: ModelState | undefined;
  private names: readonly string[] = [];
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

  decoded(model: ModelState): void {
    this.model = model;
    this.base = undefined;
  }

  view(records: Readonly<Record<string, R>>): Record<string, TlaValue> {
    const names = this.namesOf(records);
    const near = this.base?.names === names ? this.base : undefined;
    const list: R[] = [];
    const slices: Slice[] = [];
    let kept = true;
    for (let p = 0; p < names.length; p += 1) {
      const record = records[names[p]!]!;
      list.push(record);
      if (near !== undefined && near.records[p] === record) {
        slices.push(near.slices[p]!);
        continue;
      }
      const known = this.slices.get(record);
      kept &&= known !== undefined;
      slices.push(known ?? this.slice(record, known === null));
    }
    const functions: Record<string, TlaValue> = { ...this.blank };
    for (let v = 0; v < this.variables.length; v += 1)
      functions[this.variables[v]!] = this.functionOf(v, names, slices);
    this.last = { names, records: list, slices, functions };
    if (kept) this.base = this.last;
    return functions;
  }

  private functionOf(v: number, names: readonly string[], slices: readonly Slice[]): TlaValue {
    const name = this.variables[v]!;
    const { base, last, model } = this;
    if (base !== undefined && sameParts(base, v, names, slices)) return base.functions[name]!;
    if (last !== undefined && sameParts(last, v, names, slices)) return last.functions[name]!;
    if (base === undefined && model !== undefined) {
      const own = model[name];
      if (isFunctionOf(own, v, names, slices)) return own;
    }
    const made: Record<string, TlaValue> = {};
    for (let p = 0; p < names.length; p += 1) made[names[p]!] = slices[p]![v]!;
    return made;
  }

  private slice(record: R, isKept: boolean): Slice {
    const view = this.viewOf(record);
    const slice: (TlaValue | undefined)[] = [];
    for (let v = 0; v < this.variables.length; v += 1) slice.push(view[this.variables[v]!]);
    if (isKept) this.slices.set(record, slice);
    return slice;
  }

  /** The processes; the same array while they are the same. */
  private namesOf(records: Readonly<Record<string, R>>): readonly string[] {
    let count = 0;
    let same = true;
    for (const name in records) {
      same &&= this.names[count] === name;
      count += 1;
    }
    if (!same || count !== this.names.length) this.names = Object.keys(records);
    return this.names;
  }
}

function sameParts<R>(
  old: Assembled<R>,
  v: number,
  names: readonly string[],
  slices: readonly Slice[],
): boolean {
  if (old.names !== names) return false;
  for (let p = 0; p < names.length; p += 1) if (old.slices[p]![v] !== slices[p]![v]) return false;
  return true;
}

/** Whether `value`, a function of the model, has just these processes and parts. */
function isFunctionOf(
  value: TlaValue | undefined,
  v: number,
  names: readonly string[],
  slices: readonly Slice[],
): value is TlaValue {
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  let count = 0;
  for (const _ in value) count += 1;
  if (count !== names.length) return false;
  for (let p = 0; p < names.length; p += 1) {
    const part = (value as Readonly<Record<string, TlaValue>>)[names[p]!];
    if (part === undefined || part !== slices[p]![v]) return false;
  }
  return true;
}

interface Assembled<R> {
  readonly names: readonly string[];
  readonly records: readonly R[];
  readonly slices: readonly Slice[];
  readonly functions: Readonly<Record<string, TlaValue>>;
}

function partOf(value: TlaValue | undefined, process: string): TlaValue | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Map) {
    throw new TypeError(
      `a variable of processRecords is no function over strings such as ${process}`,
    );
  }
  return (value as Readonly<Record<string, TlaValue>>)[process];
}
