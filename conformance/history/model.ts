/**
 * What a sequential object does. `Model` is what a user writes; `Machine` is the same for one
 * partition of one history with states and effects as integers, which the engine searches.
 * A model that only has `step` gets its machine from stepMachine.ts; kv compiles its own.
 */
import type { Columns } from './columns.ts';
import type { Operation } from './operation.ts';
import type { Turns } from './turns.ts';

/** What a model looks at to say whether an operation is one of its own. */
export type Shape = Pick<Operation, 'op' | 'value' | 'result' | 'status'>;

export interface Model<S = unknown> {
  readonly name: string;
  /** The operations it knows; any other is refused before checking. */
  readonly operations: readonly string[];
  readonly init: S;
  /**
   * The state after the operation, or undefined where its result is impossible in `state`. For
   * an `info` operation the result is unknown and must not be read. Must not change `state`, and
   * must depend on its arguments alone: it is called once for each state and operation.
   */
  step(state: S, operation: Operation): S | undefined;
  /** Operations with different partitions are checked apart. Default: one partition. */
  partition?(operation: Operation): unknown;
  /** True where the operation changes no state whatever the state is (a read). */
  pure?(operation: Operation): boolean;
  /**
   * A text or number, the same for equal states; needed where states are objects of a class.
   * Without `equal`, states of one hash are one state.
   */
  hash?(state: S): string | number;
  equal?(a: S, b: S): boolean;
  /** Fields the operation must have in a file; `result` only where it was answered. */
  requires?(op: string): readonly ('key' | 'value' | 'result')[];
  /** What is wrong with the fields of an operation, in words; undefined where all is well. */
  refuses?(operation: Shape): string | undefined;
  describe?(operation: Operation): string;
  /** Fast path of the built-in models. */
  compile?(columns: Columns, partition: Partition): Turns<Machine>;
  /** Rows to their partition's interned id, for the built-in models. */
  partitionColumn?(columns: Columns): Int32Array;
}

/** The operations of one key in event order. Local operation numbers are 0..size-1. */
export interface Partition {
  /** Interned partition id. */
  readonly key: number;
  /** Local operation -> row; first the definite ones in call order, then info in call order. */
  readonly rows: Int32Array;
  readonly definite: number;
  /** Entries 0..2*definite-1 are the calls and returns in time order. */
  readonly callEntry: Int32Array;
  readonly returnEntry: Int32Array;
  /** The operation of a call entry; ~operation for a return entry. */
  readonly entryOp: Int32Array;
  /** By info operation (from 0): how many entries come before its call. */
  readonly infoAt: Int32Array;
}

export interface Machine {
  readonly initial: number;
  /** Effect of each local operation (what it requires and does, without who and when), or -1. */
  readonly effect: Int32Array;
  /** By effect: 1 where it never changes a state. */
  readonly pure: Uint8Array;
  /** The state after the effect, or -1 where it is impossible. */
  next(state: number, effect: number): number;
  /** The value of a state, for reports. */
  show(state: number): string;
  /** What is known of effects beforehand; absent for models that only have a step. */
  readonly known?: KnownEffects;
}

/** Facts about the effects of register-like models, which the shortcuts of the engine use. */
export interface KnownEffects {
  /** How many states there are. */
  readonly states: number;
  /** The state that stands for all values nothing looks for. */
  readonly unread: number;
  /** By effect: the one state it is legal in, or -1. */
  readonly needs: Int32Array;
  /** By effect: the state it always leaves, or -1. */
  readonly sets: Int32Array;
  /** By effect: 1 where it is legal in all states but one (failed cas). */
  readonly observes: Uint8Array;
  /** By effect: the states it may leave (but the unread one), as made[offset[e]] up to made[offset[e + 1]]. */
  readonly offset: Int32Array;
  readonly made: Int32Array;
  /** Beside `made`: the state it leaves that one from, or -1 for any. */
  readonly madeFrom: Int32Array;
}
