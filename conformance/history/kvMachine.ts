/**
 * The key-value model of one key as integers. States are local value ids (0 is the initial
 * value); effects are numbered by what they do: put v, get v, failed cas on v, append v, cas of
 * a pair. delete is put null. Operations with one effect are interchangeable but for their times.
 */
import { appended } from './append.ts';
import { INFO } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Machine, Partition } from './model.ts';
import { HistoryError } from './operation.ts';
import { showValue } from './interner.ts';

/** An info get has no effect: its operation is never tried. */
const none = -1;

export class KvMachine implements Machine {
  readonly initial = 0;
  readonly effect: Int32Array;
  readonly pure: Uint8Array;
  readonly needs: Int32Array;
  readonly #columns: Columns;
  /** Local value id -> interned id; grows as append makes new ones. */
  readonly #values: number[] = [];
  readonly #locals = new Map<number, number>();
  readonly #appends = new Map<number, number>();
  readonly #base: number;
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  constructor(columns: Columns, partition: Partition, init: unknown) {
    this.#columns = columns;
    this.#local(columns.table.intern(init));
    this.#number(partition);
    this.#base = this.#values.length;
    this.effect = new Int32Array(partition.rows.length);
    const pairs = new Map<number, number>();
    for (let op = 0; op < this.effect.length; op += 1) {
      this.effect[op] = this.#effectOf(partition.rows[op] as number, pairs);
    }
    const base = this.#base;
    const effects = 4 * base + this.#from.length;
    this.pure = new Uint8Array(effects).fill(1, base, 3 * base);
    this.needs = new Int32Array(effects).fill(-1);
    for (let v = 0; v < base; v += 1) this.needs[base + v] = v;
    this.needs.set(this.#from, 4 * base);
  }

  next(state: number, effect: number): number {
    const base = this.#base;
    if (effect < base) return effect;
    if (effect < 2 * base) return state === effect - base ? state : -1;
    if (effect < 3 * base) return state === effect - 2 * base ? -1 : state;
    if (effect < 4 * base) return this.#append(state, effect - 3 * base);
    return this.#from[effect - 4 * base] === state ? (this.#to[effect - 4 * base] as number) : -1;
  }

  show(state: number): string {
    return showValue(this.#value(state));
  }

  #value(state: number): unknown {
    return this.#columns.table.value(this.#values[state] as number);
  }

  #append(state: number, more: number): number {
    const memo = state * this.#base + more;
    const known = this.#appends.get(memo);
    if (known !== undefined) return known;
    const made = this.#columns.table.intern(appended(this.#value(state), this.#value(more)));
    const local = this.#local(made);
    this.#appends.set(memo, local);
    return local;
  }

  #local(id: number): number {
    const known = this.#locals.get(id);
    if (known !== undefined) return known;
    const local = this.#values.push(id) - 1;
    this.#locals.set(id, local);
    return local;
  }

  /** Gives every value the operations mention its local id, before effects are numbered. */
  #number(partition: Partition): void {
    const { value, to, result, op, names, status } = this.#columns;
    for (const row of partition.rows) {
      const name = names[op[row] as number];
      if (name === 'get') {
        if (status[row] !== INFO) this.#local(result[row] as number);
      } else {
        this.#local(name === 'delete' ? 0 : (value[row] as number));
        if (name === 'cas') this.#local(to[row] as number);
      }
    }
  }

  #effectOf(row: number, pairs: Map<number, number>): number {
    const { value, to, result, op, names, status, table } = this.#columns;
    const base = this.#base;
    const name = names[op[row] as number];
    const of = (id: number | undefined): number => this.#local(id as number);
    if (name === 'put') return of(value[row]);
    if (name === 'delete') return of(0);
    if (name === 'append') return 3 * base + of(value[row]);
    if (name === 'get') return status[row] === INFO ? none : base + of(result[row]);
    const outcome = table.value(result[row] as number);
    if (status[row] !== INFO && outcome !== true) {
      if (outcome === false) return 2 * base + of(value[row]);
      throw new HistoryError(`operation ${row}: the result of cas must be true or false`);
    }
    const pair = of(value[row]) * base + of(to[row]);
    const known = pairs.get(pair);
    if (known !== undefined) return known;
    this.#from.push(of(value[row]));
    const effect = 4 * base + this.#to.push(of(to[row])) - 1;
    pairs.set(pair, effect);
    return effect;
  }
}
