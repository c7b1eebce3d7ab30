/**
 * Registers as integers: the machine of one key of the key-value model, and of the register.
 * States are local value ids (0 is the initial value); effects are numbered by what they do:
 * put v, get v, failed cas on v, append v, cas of a pair. delete is put null. Operations with one
 * effect are interchangeable but for their times.
 */
import { appended } from './append.ts';
import { INFO } from './columns.ts';
import type { Columns } from './columns.ts';
import { showValue } from './interner.ts';
import type { KnownEffects, Machine, Partition } from './model.ts';
import { HistoryError } from './operation.ts';

export type RegisterKind = 'get' | 'put' | 'append' | 'cas' | 'delete';

export interface RegisterDialect {
  /** What the operation names mean. */
  readonly kinds: Readonly<Record<string, RegisterKind>>;
  readonly init: unknown;
  /** All zero, as long as the value table; used while compiling and zero again afterwards. */
  readonly scratch: Int32Array;
}

/** An info get has no effect: its operation is never tried. */
const none = -1;

export class KvMachine implements Machine {
  readonly initial = 0;
  readonly effect: Int32Array;
  readonly pure: Uint8Array;
  readonly known: KnownEffects;
  readonly #columns: Columns;
  readonly #kinds: readonly (RegisterKind | undefined)[];
  readonly #scratch: Int32Array;
  /** Local value id -> interned id; grows as append makes new ones. */
  readonly #values: number[] = [];
  /** Interned -> local, kept only where append may make new states. */
  #locals: Map<number, number> | undefined;
  readonly #appends = new Map<number, number>();
  readonly #base: number;
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  constructor(columns: Columns, partition: Partition, dialect: RegisterDialect) {
    this.#columns = columns;
    this.#scratch = dialect.scratch;
    this.#kinds = columns.names.map((name) => dialect.kinds[name]);
    this.#local(columns.table.intern(dialect.init));
    const appends = this.#number(partition);
    this.#base = this.#values.length;
    const base = this.#base;
    this.effect = new Int32Array(partition.rows.length);
    const pairs = new Map<number, number>();
    for (let op = 0; op < this.effect.length; op += 1) {
      this.effect[op] = this.#effectOf(partition.rows[op] as number, pairs);
    }
    this.pure = new Uint8Array(4 * base + this.#from.length).fill(1, base, 3 * base);
    this.known = this.#facts(appends);
    for (const id of this.#values) this.#scratch[id] = 0;
    if (appends) this.#locals = new Map(this.#values.map((id, local) => [id, local]));
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
    const seen = this.#appends.get(memo);
    if (seen !== undefined) return seen;
    const made = this.#columns.table.intern(appended(this.#value(state), this.#value(more)));
    const locals = this.#locals as Map<number, number>;
    let local = locals.get(made);
    if (local === undefined) {
      local = this.#values.push(made) - 1;
      locals.set(made, local);
    }
    this.#appends.set(memo, local);
    return local;
  }

  #local(id: number): number {
    const there = this.#scratch[id] as number;
    if (there !== 0) return there - 1;
    this.#scratch[id] = this.#values.push(id);
    return this.#values.length - 1;
  }

  /** Gives every value the operations mention its local id. True where some are appended. */
  #number(partition: Partition): boolean {
    const { value, to, result, op, status } = this.#columns;
    let appends = false;
    for (const row of partition.rows) {
      const kind = this.#kinds[op[row] as number];
      if (kind === 'get') {
        if (status[row] !== INFO) this.#local(result[row] as number);
      } else {
        if (kind === 'append') appends = true;
        this.#local(kind === 'delete' ? 0 : (value[row] as number));
        if (kind === 'cas') this.#local(to[row] as number);
      }
    }
    return appends;
  }

  #effectOf(row: number, pairs: Map<number, number>): number {
    const { value, to, result, op, status, table } = this.#columns;
    const base = this.#base;
    const kind = this.#kinds[op[row] as number];
    if (kind === 'put') return this.#local(value[row] as number);
    if (kind === 'delete') return this.#local(0);
    if (kind === 'append') return 3 * base + this.#local(value[row] as number);
    if (kind === 'get') {
      return status[row] === INFO ? none : base + this.#local(result[row] as number);
    }
    const outcome = table.value(result[row] as number);
    const from = this.#local(value[row] as number);
    if (status[row] !== INFO && outcome !== true) {
      if (outcome === false) return 2 * base + from;
      throw new HistoryError(`operation ${row}: the result of cas must be true or false`);
    }
    const target = this.#local(to[row] as number);
    const seen = pairs.get(from * base + target);
    if (seen !== undefined) return seen;
    this.#from.push(from);
    const effect = 4 * base + this.#to.push(target) - 1;
    pairs.set(from * base + target, effect);
    return effect;
  }

  #facts(appends: boolean): KnownEffects {
    const base = this.#base;
    const count = this.pure.length;
    const needs = new Int32Array(count).fill(-1);
    const sets = new Int32Array(count).fill(-1);
    for (let v = 0; v < base; v += 1) {
      sets[v] = v;
      needs[base + v] = v;
    }
    needs.set(this.#from, 4 * base);
    sets.set(this.#to, 4 * base);
    const observes = new Uint8Array(count).fill(1, 2 * base, 4 * base);
    const endings = appends ? this.#endings() : undefined;
    const offset = new Int32Array(count + 1);
    const made: number[] = [];
    for (let effect = 0; effect < count; effect += 1) {
      if (sets[effect] !== -1) made.push(sets[effect] as number);
      else for (const state of endings?.get(effect - 3 * base) ?? []) made.push(state);
      offset[effect + 1] = made.length;
    }
    return { states: base, needs, sets, observes, offset, made: Int32Array.from(made) };
  }

  /** Appended piece -> the values some operation needs that end in it. */
  #endings(): Map<number, number[]> {
    const base = this.#base;
    const pieces = new Set<number>();
    const needed = new Set<number>(this.#from);
    for (const effect of this.effect) {
      if (effect >= 3 * base && effect < 4 * base) pieces.add(effect - 3 * base);
      if (effect >= base && effect < 2 * base) needed.add(effect - base);
    }
    const byText = new Map<string, number>();
    for (const piece of pieces) {
      const text = this.#value(piece);
      if (typeof text === 'string') byText.set(text, piece);
    }
    const lengths = [...new Set([...byText.keys()].map((text) => text.length))];
    const endings = new Map<number, number[]>();
    const add = (piece: number | undefined, state: number): void => {
      if (piece === undefined) return;
      const there = endings.get(piece);
      if (there === undefined) endings.set(piece, [state]);
      else there.push(state);
    };
    for (const state of needed) {
      const whole = this.#value(state);
      if (typeof whole === 'string') {
        for (const length of lengths) {
          if (length <= whole.length) add(byText.get(whole.slice(whole.length - length)), state);
        }
      } else if (Array.isArray(whole)) {
        add(this.#scratchOf(whole.at(-1)), state);
      }
    }
    return endings;
  }

  #scratchOf(value: unknown): number | undefined {
    const there = this.#scratch[this.#columns.table.intern(value)] ?? 0;
    return there === 0 ? undefined : there - 1;
  }
}
