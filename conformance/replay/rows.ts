/**
 * Views as rows of interned ids, so that comparing two states is comparing integers.
 *
 * A variable whose view is the very object (or primitive) that the source state's view had is not
 * interned again: most actions change few variables, and code that shares structure pays for those only.
 */
import type { ValueTable } from '../value/table.ts';
import type { TlaValue } from '../value/value.ts';
import type { ModelState } from './binding.ts';

/** The view of one variable is no TLA+ value. */
export class ViewError extends Error {
  readonly variable: string;

  constructor(variable: string, cause: unknown) {
    super(`${variable}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'ViewError';
    this.variable = variable;
  }
}

export class RowReader {
  readonly variables: readonly string[];
  /** Columns of the variables the view has. */
  readonly columns: Int32Array;
  private readonly names: readonly string[];
  private readonly values: ValueTable;
  private readonly baseView: (TlaValue | undefined)[];
  private readonly baseRow: Int32Array;

  constructor(values: ValueTable, variables: readonly string[], hidden: readonly string[] = []) {
    this.values = values;
    this.variables = variables;
    const visible = [...variables.keys()].filter((i) => !hidden.includes(variables[i] as string));
    this.columns = Int32Array.from(visible);
    this.names = visible.map((i) => variables[i] as string);
    this.baseView = new Array<TlaValue | undefined>(visible.length).fill(undefined);
    this.baseRow = new Int32Array(variables.length).fill(-1);
  }

  /**
   * Reads a source state's view; later reads share what it shares. `states` from `offset` on is the
   * row it should have: values that are the table's own objects for it need no look-up.
   */
  readBase(view: ModelState, into: Int32Array, states: Int32Array, offset: number): void {
    const { names, columns, baseView, baseRow } = this;
    for (let i = 0; i < names.length; i += 1) {
      const column = columns[i]!;
      const expected = states[offset + column]!;
      baseView[i] = this.values.value(expected);
      baseRow[column] = expected;
    }
    this.read(view, into);
    this.useBase(view, into);
  }

  /** The same for a view that was read before, as `row`. */
  useBase(view: ModelState, row: Int32Array): void {
    for (let i = 0; i < this.names.length; i += 1) {
      this.baseView[i] = view[this.names[i] as string];
      const column = this.columns[i] as number;
      this.baseRow[column] = row[column] as number;
    }
  }

  /** Writes the ids of the view's variables; hidden columns are left as they are. */
  read(view: ModelState, into: Int32Array): void {
    const { names, columns, baseView, baseRow } = this;
    for (let i = 0; i < names.length; i += 1) {
      const name = names[i] as string;
      const column = columns[i] as number;
      const value = view[name];
      if (value === baseView[i] && value !== undefined) {
        into[column] = baseRow[column] as number;
        continue;
      }
      if (value === undefined) throw new ViewError(name, 'the view has no value for it');
      try {
        into[column] = this.values.intern(value);
      } catch (error) {
        throw new ViewError(name, error);
      }
    }
  }

  /** Whether `row` has, in the columns of the view, what stands in `states` from `offset` on. */
  equal(row: Int32Array, states: Int32Array, offset: number): boolean {
    const { columns } = this;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as number;
      if (row[column] !== states[offset + column]) return false;
    }
    return true;
  }
}
