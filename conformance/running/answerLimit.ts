/**
 * How long an answer may take. What must hold: a call that never answers ends in NoAnswer, and one
 * that answers after that is not taken for the answer to anything else.
 *
 * Time is counted in ticks of one timer for all calls under way: a timer a call would cost more than
 * the call, and a process that was kept from running sees few ticks, so its subjects are not blamed.
 */
import type { During } from '../replay/offers.ts';

export type Awaitable<T> = T | PromiseLike<T>;

export const defaultStepMs = 5_000;
const ticksALimit = 10;

/** A subject gave no answer in time. */
export class NoAnswer extends Error {
  readonly during: During;

  constructor(during: During, ms: number) {
    super(`${during} gave no answer within ${ms} ms`);
    this.name = 'NoAnswer';
    this.during = during;
  }
}

/** The run was ended while a subject was being waited for. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
}

interface Waiting {
  readonly since: number;
  readonly during: During;
  readonly reject: (reason: Error) => void;
}

export class AnswerLimit {
  private readonly ms: number;
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private tick = 0;
  private ended = false;

  constructor(ms: number = defaultStepMs) {
    this.ms = ms;
  }

  /** The answer, at once where it is no promise; rejects by NoAnswer where none comes in time. */
  within<T>(during: During, answer: Awaitable<T>): Awaitable<T> {
    if (!isPromise(answer)) return answer;
    if (this.ended && during !== 'stop') return refuse(answer);
    return new Promise<T>((resolve, reject) => {
      const entry: Waiting = { since: this.tick, during, reject };
      this.waiting.add(entry);
      this.timer ??= setInterval(() => this.ticked(), Math.max(1, this.ms / ticksALimit));
      answer.then(
        (value) => {
          if (this.waiting.delete(entry)) resolve(value);
        },
        (error: unknown) => {
          if (this.waiting.delete(entry)) reject(error as Error);
        },
      );
    });
  }

  /** Gives up all waiting, now and later: the run is over. Subjects still get their time to stop. */
  end(): void {
    this.ended = true;
    for (const entry of this.waiting) {
      if (entry.during === 'stop') continue;
      this.waiting.delete(entry);
      entry.reject(new RunEnded('the run has ended'));
    }
    if (this.waiting.size === 0) this.rest();
  }

  private ticked(): void {
    this.tick += 1;
    for (const entry of this.waiting) {
      if (this.tick - entry.since <= ticksALimit) continue;
      this.waiting.delete(entry);
      entry.reject(new NoAnswer(entry.during, this.ms));
    }
    if (this.waiting.size === 0) this.rest();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

function refuse<T>(answer: PromiseLike<T>): Promise<T> {
  answer.then(undefined, () => undefined);
  return Promise.reject(new RunEnded('the run has ended'));
}

export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
