/**
 * A violation made small. An operation is taken out soundly: a read is dropped (a linearizable
 * history stays so without it), a write may from then on take effect at any time after its call,
 * or never. What still violates then did not need that operation's promise. What is left, taken
 * alone, violates too: without the writes that might have been there are only fewer orders. For
 * the same reason any of the others may be shown beside it: the writes it read from are
 * (sources.ts), as a reader looks for them.
 */
import { FAIL, INFO, OK } from './columns.ts';
import type { Columns } from './columns.ts';
import { Decision } from './decide.ts';
import type { Machine, Model, Partition } from './model.ts';
import { layOut, sortTurns } from './partition.ts';
import { machineOf } from './stepMachine.ts';
import { withSources } from './sources.ts';
import { allOn } from './switches.ts';
import type { Turns } from './turns.ts';

/** Steps one attempt may take; what it cannot decide counts as needed. */
const attemptSteps = 20_000;

/** More operations are not looked through a second time, nor for what they read from. */
const idleMax = 100;

export interface Minimal {
  /** Rows of operations that together violate, in call order. */
  readonly rows: readonly number[];
  /** The decision on exactly these rows. */
  readonly decision: Decision;
  /** False where time ran out first. */
  readonly complete: boolean;
}

export function minimize(
  columns: Columns,
  failed: Decision,
  model: Model,
  untilMs: number,
): Turns<Minimal> {
  return new Minimizer(columns, failed, model, untilMs).run();
}

/** Rows that tell the violation well, where they are one on their own. */
export function* violatesAlone(
  columns: Columns,
  failed: Decision,
  model: Model,
  rows: readonly number[],
): Turns<Minimal | undefined> {
  const minimizer = new Minimizer(columns, failed, model, Infinity);
  const decision = yield* minimizer.decide(rows);
  const violation = (yield* decision.run(50 * attemptSteps)) === 'violation';
  return violation ? { rows, decision, complete: true } : undefined;
}

class Minimizer {
  readonly #columns: Columns;
  readonly #partition: Partition;
  readonly #machine: Machine;
  readonly #model: Model;
  readonly #untilMs: number;
  /** By row. */
  readonly #effects: Int32Array;
  /** All rows, sorted by their call when it runs. */
  readonly #rows: Int32Array;
  readonly #status: Uint8Array;
  /** The columns with the statuses as they are relaxed. */
  readonly #relaxed: Columns;

  constructor(columns: Columns, failed: Decision, model: Model, untilMs: number) {
    this.#model = model;
    this.#columns = columns;
    this.#partition = failed.partition;
    this.#machine = failed.machine;
    this.#untilMs = untilMs;
    this.#effects = new Int32Array(columns.count);
    failed.partition.rows.forEach((row, op) => {
      this.#effects[row] = failed.machine.effect[op] as number;
    });
    this.#rows = failed.partition.rows.slice();
    this.#status = columns.status.slice();
    this.#relaxed = { ...columns, status: this.#status };
  }

  *run(): Turns<Minimal> {
    yield* sortTurns(this.#rows, this.#columns.invoke);
    yield* this.#cutTail();
    let kept = this.#definite();
    let complete = true;
    for (let chunk = Math.ceil(kept.length / 2); ; chunk = Math.ceil(chunk / 2)) {
      const before = kept.length;
      for (let at = kept.length - chunk; at > -chunk; at -= chunk) {
        if (this.#late()) complete = false;
        else yield* this.#attempt(kept.slice(Math.max(0, at), at + chunk));
      }
      kept = this.#definite();
      if (!complete || (chunk === 1 && kept.length === before)) break;
      if (chunk === 1) chunk = 2;
    }
    return yield* this.#alone(kept, complete);
  }

  #late(): boolean {
    return performance.now() > this.#untilMs;
  }

  #definite(): number[] {
    return this.#rowsWhere((status) => status === OK);
  }

  #rowsWhere(fits: (status: number) => boolean): number[] {
    const rows: number[] = [];
    for (const row of this.#rows) if (fits(this.#status[row] as number)) rows.push(row);
    return rows;
  }

  /** What remains and its sources; where they are not decided, all that was given. */
  *#alone(kept: readonly number[], complete: boolean): Turns<Minimal> {
    const shown = yield* this.#withoutIdle(kept);
    this.#status.set(this.#columns.status);
    const decision = yield* this.decide(shown);
    if ((yield* decision.run(50 * attemptSteps)) === 'violation')
      return { rows: shown, decision, complete: complete && !this.#late() };
    const rows = [...this.#rows].filter((row) => this.#columns.status[row] === OK);
    return { rows, decision: yield* this.decide(rows), complete: false };
  }

  /**
   * Beside operations that may happen or not, one more can be needed than where those are gone:
   * what the others violate without is taken out, and what it read from with it.
   */
  *#withoutIdle(kept: readonly number[]): Turns<number[]> {
    const parts = { partition: this.#partition, machine: this.#machine };
    if (kept.length > idleMax) return [...kept];
    for (let needed = kept; ;) {
      const shown = yield* withSources(this.#columns, parts, needed);
      this.#status.fill(FAIL);
      for (const row of shown) this.#status[row] = this.#columns.status[row] as number;
      for (const row of needed) if (!this.#late()) yield* this.#attempt([row]);
      const left = needed.filter((row) => this.#status[row] === OK);
      if (left.length === needed.length || left.length === 0) return shown;
      needed = left;
    }
  }

  *decide(rows: readonly number[]): Turns<Decision> {
    const { key } = this.#partition;
    const columns = this.#relaxed;
    const partition = yield* layOut(columns, key, Int32Array.from(rows));
    const machine = yield* machineOf(columns, partition, this.#model);
    return yield* Decision.of(partition, machine, allOn, 7);
  }

  *#violates(): Turns<boolean> {
    const rows = this.#rowsWhere((status) => status !== FAIL);
    yield;
    const decision = yield* this.decide(rows);
    return (yield* decision.run(attemptSteps)) === 'violation';
  }

  /** Takes rows out where the violation stays. */
  *#attempt(rows: readonly number[]): Turns<void> {
    for (const row of rows) this.#relax(row);
    if (rows.length > 0 && !(yield* this.#violates()))
      for (const row of rows) this.#status[row] = OK;
  }

  #relax(row: number): void {
    const effect = this.#effects[row] as number;
    this.#status[row] = this.#machine.pure[effect] === 1 ? FAIL : INFO;
  }

  /** Finds the shortest beginning in time that violates. */
  *#cutTail(): Turns<void> {
    const { invoke, end } = this.#columns;
    const original = this.#columns.status;
    const ends = Float64Array.from(this.#definite(), (row) => end[row] as number).sort();
    yield;
    const cut = (time: number): void => {
      for (const row of this.#rows) {
        this.#status[row] = original[row] as number;
        if ((invoke[row] as number) > time) this.#status[row] = FAIL;
        else if (original[row] === OK && (end[row] as number) > time) this.#relax(row);
      }
    };
    let [low, high] = [0, ends.length - 1];
    while (low < high && !this.#late()) {
      const middle = (low + high) >> 1;
      cut(ends[middle] as number);
      if (yield* this.#violates()) high = middle;
      else low = middle + 1;
    }
    cut(ends[high] as number);
  }
}
