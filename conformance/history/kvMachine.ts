/**
 * Registers as integers: the machine of one key of the key-value model, and of the register.
 * States are the relevant values (relevantValues.ts) and one for all others; effects are numbered
 * by what they do: put v, get v, failed cas on v, append a piece, cas of a pair. delete is put
 * null. Operations with one effect are interchangeable but for their times.
 */
import { INFO } from './columns.ts';
import type { Columns } from './columns.ts';
import { showValue } from './interner.ts';
import type { KnownEffects, Machine, Partition } from './model.ts';
import { onlySteps } from './onlyAppend.ts';
import { HistoryError } from './operation.ts';
import { appendSteps } from './relevantValues.ts';
import type { Step } from './relevantValues.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export type RegisterKind = 'get' | 'put' | 'append' | 'cas' | 'delete';

export interface RegisterDialect {
  /** What the operation names mean. */
  readonly kinds: Readonly<Record<string, RegisterKind>>;
  readonly init: unknown;
  /** All zero, as long as the value table; used while compiling and zero again afterwards. */
  readonly scratch: { zeros: Int32Array };
}

/** An info get has no effect: its operation is never tried. */
const none = -1;

export class KvMachine implements Machine {
  initial = 0;
  effect: Int32Array = new Int32Array(0);
  pure: Uint8Array = new Uint8Array(0);
  known!: KnownEffects;
  readonly #columns: Columns;
  readonly #kinds: readonly (RegisterKind | undefined)[];
  /** Local value -> interned value, for the relevant ones. */
  #values: readonly number[] = [];
  /** The state of all values nobody looks for; also the number of relevant values. */
  #unread = 0;
  /** Where the effects of append and of cas begin. */
  #appendBase = 0;
  #casBase = 0;
  readonly #pieces = new Map<number, number>();
  /** Pieces that can lead to a relevant state. All others leave the unread one, as a put can. */
  readonly #seen = new Set<number>();
  /** state * pieces + piece -> state, where that is a relevant one. */
  readonly #appends = new Map<number, number>();
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #pairs = new Map<number, number>();

  private constructor(columns: Columns, { kinds }: RegisterDialect) {
    this.#columns = columns;
    this.#kinds = columns.names.map((name) => kinds[name]);
  }

  static *compile(
    columns: Columns,
    partition: Partition,
    dialect: RegisterDialect,
  ): Turns<KvMachine> {
    const machine = new KvMachine(columns, dialect);
    yield* machine.#compile(partition, dialect);
    return machine;
  }

  /**
   * Between two yields the scratch column may be in use: who compiles in turns compiles the keys
   * of one history one after the other.
   */
  *#compile(partition: Partition, dialect: RegisterDialect): Turns<void> {
    const { scratch } = dialect;
    const columns = this.#columns;
    const init = columns.table.intern(dialect.init);
    const { table } = columns;
    if (scratch.zeros.length < table.size) scratch.zeros = new Int32Array(2 * table.size);
    let values = yield* this.#look(partition, scratch.zeros);
    let steps: Step[] = [];
    if (this.#pieces.size > 0) {
      const relevant = new Set(values);
      steps = yield* appendSteps(table, relevant, new Set(this.#pieces.keys()));
      values = [...relevant];
    }
    this.#values = values;
    this.#unread = values.length;
    const locals = this.#locals(scratch);
    this.initial = this.#local(locals, init);
    this.#appendBase = 3 * (this.#unread + 1);
    this.#casBase = this.#appendBase + this.#pieces.size;
    for (const { from, piece, to } of steps) {
      this.#seen.add(piece);
      const key = this.#local(locals, from) * this.#pieces.size + this.#piece(piece);
      this.#appends.set(key, this.#local(locals, to));
    }
    const forced = steps.length === 0 ? undefined : yield* this.#forced(partition, steps, init);
    this.effect = new Int32Array(partition.rows.length);
    for (let op = 0; op < this.effect.length; op += 1) {
      if ((op & betweenYields) === betweenYields) yield;
      this.effect[op] = this.#effectOf(partition.rows[op] as number, locals, forced);
    }
    for (const value of this.#values) locals[value] = 0;
    const reads = this.#unread + 1;
    this.pure = new Uint8Array(this.#casBase + this.#from.length).fill(1, reads, 3 * reads);
    this.known = yield* this.#facts();
  }

  next(state: number, effect: number): number {
    const count = this.#unread + 1;
    if (effect < count) return effect;
    if (effect < 2 * count) return state === effect - count ? state : -1;
    if (effect < 3 * count) return state === effect - 2 * count ? -1 : state;
    if (effect < this.#casBase) {
      const key = state * this.#pieces.size + effect - this.#appendBase;
      return this.#appends.get(key) ?? this.#unread;
    }
    const pair = effect - this.#casBase;
    return this.#from[pair] === state ? (this.#to[pair] as number) : -1;
  }

  show(state: number): string {
    if (state === this.#unread) return 'a value that nothing looks for';
    return showValue(this.#columns.table.value(this.#values[state] as number));
  }

  /** Local id + 1 by interned value; 0 for what is not relevant. */
  #locals(scratch: { zeros: Int32Array }): Int32Array {
    const { size } = this.#columns.table;
    if (scratch.zeros.length < size) scratch.zeros = new Int32Array(size + (size >> 2));
    for (let local = 0; local < this.#values.length; local += 1) {
      scratch.zeros[this.#values[local] as number] = local + 1;
    }
    return scratch.zeros;
  }

  #local(locals: Int32Array, value: number): number {
    const there = locals[value] as number;
    return there === 0 ? this.#unread : there - 1;
  }

  #piece(value: number): number {
    return this.#pieces.get(value) as number;
  }

  /** The values that operations look for, marked in `seen` too; and the pieces they append. */
  *#look(partition: Partition, seen: Int32Array): Turns<number[]> {
    const { value, result, op, status } = this.#columns;
    const values: number[] = [];
    const { rows } = partition;
    for (let at = 0; at < rows.length; at += 1) {
      if ((at & betweenYields) === betweenYields) yield;
      const row = rows[at] as number;
      const kind = this.#kinds[op[row] as number];
      if (kind === 'append') {
        const piece = value[row] as number;
        if (!this.#pieces.has(piece)) this.#pieces.set(piece, this.#pieces.size);
        continue;
      }
      if (kind !== 'cas' && (kind !== 'get' || status[row] === INFO)) continue;
      const looked = (kind === 'get' ? result[row] : value[row]) as number;
      if (seen[looked] !== 0) continue;
      seen[looked] = 1;
      values.push(looked);
    }
    return values;
  }

  /** Appends that can only be one step, by piece. */
  *#forced(partition: Partition, steps: readonly Step[], init: number): Turns<Map<number, Step>> {
    const { value, to, result, op, status, table } = this.#columns;
    const needed = new Set<number>();
    const written = new Map<number, number>();
    const pieces = new Map<number, number>();
    const count = (counts: Map<number, number>, id: number | undefined): void => {
      counts.set(id as number, (counts.get(id as number) ?? 0) + 1);
    };
    for (let at = 0; at < partition.rows.length; at += 1) {
      if ((at & betweenYields) === betweenYields) yield;
      const row = partition.rows[at] as number;
      const kind = this.#kinds[op[row] as number];
      if (kind === 'get') {
        if (status[row] !== INFO) needed.add(result[row] as number);
      } else if (kind === 'append') count(pieces, value[row]);
      else if (kind === 'cas') {
        const failed = status[row] !== INFO && table.value(result[row] as number) !== true;
        if (failed) continue;
        count(written, to[row]);
        if (status[row] !== INFO) needed.add(value[row] as number);
      } else count(written, kind === 'delete' ? 0 : value[row]);
    }
    return yield* onlySteps(needed, steps, { written, appended: pieces }, init);
  }

  #effectOf(row: number, locals: Int32Array, forced: Map<number, Step> | undefined): number {
    const { value, to, result, op, status, table } = this.#columns;
    const kind = this.#kinds[op[row] as number];
    const count = this.#unread + 1;
    const of = (id: number | undefined): number => this.#local(locals, id as number);
    if (kind === 'put') return of(value[row]);
    if (kind === 'delete') return of(0);
    if (kind === 'append') {
      const piece = value[row] as number;
      const only = forced?.get(piece);
      if (only !== undefined) return this.#pair(of(only.from), of(only.to));
      return this.#seen.has(piece) ? this.#appendBase + this.#piece(piece) : this.#unread;
    }
    if (kind === 'get') return status[row] === INFO ? none : count + of(result[row]);
    const outcome = table.value(result[row] as number);
    if (status[row] !== INFO && outcome !== true) {
      if (outcome === false) return 2 * count + of(value[row]);
      throw new HistoryError(`operation ${row}: the result of cas must be true or false`);
    }
    return this.#pair(of(value[row]), of(to[row]));
  }

  #pair(from: number, to: number): number {
    const key = from * (this.#unread + 1) + to;
    const seen = this.#pairs.get(key);
    if (seen !== undefined) return seen;
    this.#from.push(from);
    const effect = this.#casBase + this.#to.push(to) - 1;
    this.#pairs.set(key, effect);
    return effect;
  }

  *#facts(): Turns<KnownEffects> {
    const states = this.#unread + 1;
    const count = this.pure.length;
    const needs = new Int32Array(count).fill(-1);
    const sets = new Int32Array(count).fill(-1);
    for (let v = 0; v < states; v += 1) {
      sets[v] = v;
      needs[states + v] = v;
    }
    needs.set(this.#from, this.#casBase);
    sets.set(this.#to, this.#casBase);
    const observes = new Uint8Array(count).fill(1, 2 * states, 3 * states);
    const steps: [from: number, to: number][][] = Array.from(this.#pieces, () => []);
    for (const [key, to] of this.#appends) {
      steps[key % steps.length]?.push([Math.floor(key / steps.length), to]);
    }
    const offset = new Int32Array(count + 1);
    const made = new Int32Array(states + this.#appends.size + this.#to.length);
    const madeFrom = new Int32Array(made.length);
    let filled = 0;
    const add = (to: number, from: number): void => {
      made[filled] = to;
      madeFrom[filled] = from;
      filled += 1;
    };
    for (let effect = 0; effect < count; effect += 1) {
      if ((effect & betweenYields) === betweenYields) yield;
      if (sets[effect] !== -1) add(sets[effect] as number, needs[effect] as number);
      else if (effect >= this.#appendBase) {
        for (const [from, to] of steps[effect - this.#appendBase] ?? []) add(to, from);
      }
      offset[effect + 1] = filled;
    }
    const lists = { offset, made, madeFrom };
    const unread = this.#unread;
    return { states, unread, needs, sets, observes, ...lists };
  }
}
