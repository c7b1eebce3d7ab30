/**
 * How fast a node archives: evenly, and as fast as what waits asks for. What must hold: the more
 * waits, the less it rests, so that what waits stays within a few seconds of what is written; the
 * pieces of all groups share one pace, however many are due together.
 */
import type { Clock } from '../world/clock.ts';

/** What waits to be archived is archived in about this time, whatever there is of it. */
export const spreadMs = 4_000;
/** Each byte is put together, summed and compared, one after the other. */
const passes = 3;
/** A rest after one piece: what is little needs no longer. */
const restMsMax = 50;
/** A process that got no time makes up for so much of it. */
const behindMsMax = 200;
/** What is taken in one turn where it makes up for something: a millisecond of work. */
const turnBytesMax = 256 << 10;

export interface ArchivePaceOptions {
  readonly clock: Clock;
  /** What waits to be archived, about. */
  readonly waitingBytes: () => number;
  /** Somebody waits for it, or the node ends: there is no rest. */
  readonly isUrgent: () => boolean;
}

export class ArchivePace {
  readonly #o: ArchivePaceOptions;
  /** When the next piece may begin; the rests of short pieces add up to whole milliseconds. */
  #nextMs = 0;
  #takenBytes = 0;

  constructor(o: ArchivePaceOptions) {
    this.#o = o;
  }

  /** Resolves when the next piece may be taken, after one of so many bytes. */
  turn(bytes: number): Promise<void> {
    const { clock, waitingBytes, isUrgent } = this.#o;
    const nowMs = clock.nowMs();
    const wholeMs = (spreadMs * bytes) / Math.max(bytes, waitingBytes());
    const restMs = Math.min(restMsMax, wholeMs / passes);
    const behindMs = nowMs - behindMsMax;
    this.#nextMs = isUrgent() ? behindMs : Math.max(this.#nextMs, behindMs) + restMs;
    const delayMs = Math.floor(this.#nextMs - nowMs);
    this.#takenBytes += bytes;
    if (delayMs < 0 && this.#takenBytes < turnBytesMax) return Promise.resolve();
    this.#takenBytes = 0;
    return new Promise((done) => {
      if (delayMs < 1) clock.soon(done);
      else clock.after(delayMs, done);
    });
  }
}
