/**
 * Whether a leader is of any use: one that has long been without a lease may be heard by its
 * members, and hears too few of them. What must hold: it gives up, so that another one may lead.
 */
import { hasLease } from '../protocol/replication/operators.ts';
import type { State } from '../protocol/replication/state.ts';

/** Leases that it may be without its own. */
const uselessLeases = 2;
/** Of the lease: how often a leader that has nothing else to do looks. */
const lookShare = 0.5;

export class LeaseWatch {
  /** When it was last seen to hold the lease, or began to lead. */
  #heldMs = 0;
  #dueMs = 0;

  /** It leads from now on. */
  begin(nowMs: number): void {
    this.#heldMs = nowMs;
    this.#dueMs = nowMs;
  }

  isUseless(state: State, nowMs: number): boolean {
    const { leaseMs } = state.group;
    this.#dueMs = nowMs + leaseMs * lookShare;
    if (hasLease(state, nowMs)) this.#heldMs = nowMs;
    return nowMs - this.#heldMs > uselessLeases * leaseMs;
  }

  /** When to look next. */
  get dueMs(): number {
    return this.#dueMs;
  }
}
