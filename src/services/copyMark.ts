/**
 * The copy of a group at one position of its log, for comparison: a replica's part of
 * src/protocol/scrub.ts. It stops at the marker for as long as it takes to take a snapshot, whose
 * checksum is then read while it goes on. What must hold: the snapshot holds what the slots up to
 * the marker left, and nothing of a later one.
 */
import { apply, init, report } from '../protocol/scrub.ts';
import type { Replica } from '../protocol/scrub.ts';
import type { ItemChecksum, ItemSnapshot } from '../storage/itemSnapshot.ts';

/** `passed`: the replica is beyond the marker; `dropped`: it did not come there in time. */
export type Reading =
  | ({ readonly kind: 'read' } & ItemChecksum)
  | { readonly kind: 'passed' | 'dropped'; readonly applied: number }
  | { readonly kind: 'damaged'; readonly why: string };

export class CopyMark {
  #state: Replica;
  #settled = false;
  readonly #answer: (reading: Reading) => void;

  constructor(applied: number, at: number, answer: (reading: Reading) => void) {
    this.#state = { ...init('replica'), applied, marker: at };
    this.#answer = answer;
    if (applied > at) this.#settle({ kind: 'passed', applied });
  }

  /** It waits for the replica no more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** How many of the next entries may be applied before the copy is read. */
  take(applied: number, count: number): number {
    // Items that came as a whole, at a slot of their own.
    if (applied !== this.#state.applied) this.drop(applied);
    if (this.#settled) return count;
    const length = applied + count;
    for (let taken = 0; taken < count; taken += 1) {
      const step = apply(this.#state, { length });
      if (step === undefined) return taken;
      this.#state = step.state;
    }
    return count;
  }

  /** Reads the copy, if the replica is at the marker. */
  read(snapshot: () => ItemSnapshot): void {
    if (this.#settled) return;
    // The snapshot stands for its checksum, which takes longer than a replica may wait.
    const step = report(this.#state, { copy: 'snapshot' });
    if (step === undefined) return;
    this.#state = step.state;
    this.#settled = true;
    const copy = snapshot();
    copy
      .checksum()
      .finally(() => copy.close())
      .then(
        (sum) => this.#answer({ kind: 'read', ...sum }),
        (error: unknown) => this.#answer({ kind: 'damaged', why: (error as Error).message }),
      );
  }

  drop(applied: number): void {
    this.#settle({ kind: 'dropped', applied });
  }

  #settle(reading: Reading): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#answer(reading);
  }
}
