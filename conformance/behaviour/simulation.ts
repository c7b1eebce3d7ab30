/**
 * Reads the traces that TLC's `-simulate file=` writes: `STATE_k ==` blocks, values as TLC prints them.
 *
 * TLC 1.7.x writes no action names there. A generated module may carry an auxiliary variable that
 * holds <<action, <<arguments>>>> of the step taken; it is taken out of the states and becomes labels.
 * One reader serves many files and knows the values of earlier ones by their bytes.
 */
import { ByteMemo, hashBytes } from '../value/byteMemo.ts';
import { Int32List } from '../value/int32List.ts';
import { ValueTable } from '../value/table.ts';
import type { TlaValue } from '../value/value.ts';
import { ValueError } from '../value/valueError.ts';
import type { EdgeLabel } from './graph.ts';
import { GraphError } from './graphError.ts';

export interface Trace {
  readonly variables: readonly string[];
  readonly values: ValueTable;
  /** How many states. */
  readonly length: number;
  /** One row of value numbers per state. */
  readonly states: Int32Array;
  /** labels[k] is the step from state k to state k + 1; undefined where the file does not tell. */
  readonly labels: readonly (EdgeLabel | undefined)[];
}

export interface SimulationOptions {
  readonly values?: ValueTable | undefined;
  /** The order of the columns, without the auxiliary variable; the first file's order if not given. */
  readonly variables?: readonly string[] | undefined;
  /** The variable that holds <<action, arguments>> of the last step. */
  readonly actionVariable?: string | undefined;
}

const sliceBytesMax = 48 << 20;
const next = 'run TLC again with another file= prefix, and read the files once it has ended';

export class SimulationReader {
  readonly values: ValueTable;
  private readonly actionVariable: string | undefined;
  private variables: readonly string[] | undefined;
  private readonly slices = new ByteMemo(sliceBytesMax);
  private readonly known = new Map<number, EdgeLabel>();

  constructor(options: SimulationOptions = {}) {
    this.values = options.values ?? new ValueTable();
    this.variables = options.variables;
    this.actionVariable = options.actionVariable;
  }

  /** The trace of one file. Throws GraphError where the file is not whole. */
  read(bytes: Uint8Array): Trace {
    const rows = new Int32List(256);
    const steps: (EdgeLabel | undefined)[] = [];
    let comment: string | undefined;
    let ended = false;
    let at = 0;
    while (at < bytes.length) {
      const end = lineEnd(bytes, at);
      const line = Buffer.from(bytes.subarray(at, Math.min(end, at + 300))).toString('latin1');
      if (line.startsWith('====')) ended = true;
      const named = /^\\\* <([A-Za-z0-9_!]+)/.exec(line);
      if (named !== null) comment = named[1];
      at = end + 1;
      if (!/^STATE_\d+ ==/.test(line)) continue;
      const name = comment;
      comment = undefined;
      at = this.state(bytes, at, rows, (label) => steps.push(label ?? namedOnly(name)));
    }
    const width = this.variables?.length ?? 0;
    if (!ended || steps.length === 0) {
      const what = steps.length === 0 ? 'holds no states' : 'ends before its closing line';
      throw new GraphError('bad-trace', `the simulation file ${what}`, next);
    }
    return {
      variables: this.variables ?? [],
      values: this.values,
      length: width === 0 ? steps.length : rows.length / width,
      states: rows.toArray(),
      labels: steps.slice(1),
    };
  }

  /** Reads the conjuncts from `at` up to a blank line. */
  private state(
    bytes: Uint8Array,
    at: number,
    rows: Int32List,
    add: (label: EdgeLabel | undefined) => void,
  ): number {
    const names: string[] = [];
    const ids: number[] = [];
    let label: EdgeLabel | undefined;
    while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) {
      const equals = bytes.indexOf(61, at);
      const head = Buffer.from(bytes.subarray(at, Math.max(at, equals))).toString('latin1');
      const match = /^(?:\/\\ )?([A-Za-z0-9_!]+) $/.exec(head);
      if (match === null) this.fail(`a line begins with ${JSON.stringify(head.slice(0, 80))}`);
      const start = equals + 2;
      at = valueEnd(bytes, start);
      const id = this.value(bytes, start, at);
      at++;
      if (match[1] === this.actionVariable) {
        label = this.label(id);
        continue;
      }
      names.push(match[1]!);
      ids.push(id);
    }
    this.row(names, ids, rows);
    add(label);
    return at;
  }

  private row(names: readonly string[], ids: readonly number[], rows: Int32List): void {
    this.variables ??= Object.freeze([...names]);
    const order = this.variables;
    const same = names.length === order.length;
    if (same && names.every((name, i) => name === order[i])) {
      for (const id of ids) rows.push(id);
      return;
    }
    const positions = order.map((name) => names.indexOf(name));
    if (!same || positions.includes(-1)) {
      throw new GraphError(
        'variables',
        `a state of the trace has the variables ${names.join(', ')}; expected were ${order.join(', ')}`,
        'read traces of one module with one reader, and name its auxiliary variable',
      );
    }
    for (const position of positions) rows.push(ids[position]!);
  }

  private value(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const known = this.slices.get(bytes, start, end, hash);
    if (known >= 0) return known;
    try {
      const id = this.values.parseBytes(bytes, start, end);
      this.slices.set(bytes, start, end, hash, id);
      return id;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new GraphError(
        'bad-value',
        `a trace holds what is no value: ${error.message}`,
        next,
        error,
      );
    }
  }

  /** <<"Action">> or <<"Action", <<arguments>>>>. */
  private label(id: number): EdgeLabel {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const value = this.values.value(id);
    const [action, args = []] = Array.isArray(value) ? (value as readonly TlaValue[]) : [];
    if (typeof action !== 'string' || !Array.isArray(args)) {
      this.fail(
        `${String(this.actionVariable)} is ${this.values.format(id)}, not <<action, arguments>>`,
      );
    }
    const label: EdgeLabel = Object.freeze({ action, args: args as readonly TlaValue[] });
    this.known.set(id, label);
    return label;
  }

  private fail(what: string): never {
    throw new GraphError('bad-trace', `the simulation file is not as TLC writes it: ${what}`, next);
  }
}

/** The action's name alone, as newer versions of TLC write it in a comment. */
function namedOnly(name: string | undefined): EdgeLabel | undefined {
  return name === undefined ? undefined : { action: name, args: [] };
}

function lineEnd(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(10, at);
  return end < 0 ? bytes.length : end;
}

/** A value ends at a newline that the next conjunct or a blank line follows. */
function valueEnd(bytes: Uint8Array, start: number): number {
  let at = lineEnd(bytes, start);
  while (at < bytes.length) {
    const c = bytes[at + 1];
    if (c === undefined || c === 10 || c === 13 || c === 61 || c === 83) return at;
    if (c === 47 && bytes[at + 2] === 92) return at;
    at = lineEnd(bytes, at + 1);
  }
  return at;
}
