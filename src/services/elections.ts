/**
 * The elections that a node runs at once, of all its groups. What must hold: where thousands of
 * groups have lost their leaders together, each election that is begun gets done before the others
 * take it for failed; one that waits is begun only if nobody else stands for that group meanwhile.
 */
import type { State } from '../protocol/membership/state.ts';
import type { Clock, Timer } from '../world/clock.ts';

/** How many at once. */
export const electionsMax = 64;
/** One that takes longer counts no more: it may have come to nothing. */
const electionMsMax = 300;
const lookMs = 10;

export interface Candidate {
  readonly state: () => State;
  readonly elect: () => void;
}

interface Waiting extends Candidate {
  readonly before: State['promised'];
}

export class Elections {
  readonly #clock: Clock;
  /** By group; there are no more of either than groups on the node. */
  readonly #running = new Map<number, { readonly state: () => State; readonly untilMs: number }>();
  readonly #waiting = new Map<number, Waiting>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins the election of a group now, or when there is room for it. */
  stand(group: number, candidate: Candidate): void {
    if (this.#running.size >= electionsMax) this.#look();
    if (this.#running.size < electionsMax) return this.#begin(group, candidate);
    this.#waiting.set(group, { ...candidate, before: candidate.state().promised });
    this.#lookSoon();
  }

  #begin(group: number, { state, elect }: Candidate): void {
    this.#waiting.delete(group);
    this.#running.set(group, { state, untilMs: this.#clock.nowMs() + electionMsMax });
    elect();
  }

  #lookSoon(): void {
    if (this.#closed || this.#waiting.size === 0) return;
    this.#timer ??= this.#clock.after(lookMs, () => {
      this.#timer = undefined;
      this.#look();
      this.#lookSoon();
    });
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    for (const [group, { state, untilMs }] of this.#running) {
      if (state().phase !== 'candidate' || untilMs <= nowMs) this.#running.delete(group);
    }
    for (const [group, waiting] of this.#waiting) {
      if (this.#running.size >= electionsMax) return;
      this.#waiting.delete(group);
      if (waiting.state().promised === waiting.before) this.#begin(group, waiting);
    }
  }

  /** The replica of this group ends: what it would write is not to follow that. */
  leave(group: number): void {
    this.#waiting.delete(group);
    this.#running.delete(group);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#waiting.clear();
  }
}
