/**
 * One partition decided: the shortcuts first (zones, then a stale read), then the search. What
 * the search calls a violation is searched again under a second seed before it is believed.
 */
import type { Machine, Partition } from './model.ts';
import { narrowed } from './narrow.ts';
import type { Spans } from './narrow.ts';
import { Search } from './search.ts';
import type { SearchVerdict } from './search.ts';
import { staleRead } from './staleReads.ts';
import type { StaleRead } from './staleReads.ts';
import type { Switches } from './switches.ts';
import type { Turns } from './turns.ts';
import { zoneClash } from './zones.ts';
import type { ZoneClash } from './zones.ts';

const secondSeed = 0x5bd1e995;
/** Steps of search between two yields. */
const sliceSteps = 1000;

export class Decision {
  readonly partition: Partition;
  readonly machine: Machine;
  readonly #switches: Switches;
  readonly #seed: number;
  #quick: SearchVerdict | undefined;
  #search: Search | undefined;
  #spans: Spans | undefined;
  #confirming = false;
  #earlierSteps = 0;
  stale: StaleRead | undefined;
  clash: ZoneClash | undefined;

  private constructor(partition: Partition, machine: Machine, switches: Switches, seed: number) {
    this.partition = partition;
    this.machine = machine;
    this.#switches = switches;
    this.#seed = seed;
  }

  /** The shortcuts are tried at once; the search is for run(). */
  static *of(
    partition: Partition,
    machine: Machine,
    switches: Switches,
    seed: number,
  ): Turns<Decision> {
    const decision = new Decision(partition, machine, switches, seed);
    decision.#quick = yield* decision.#shortcuts();
    return decision;
  }

  get steps(): number {
    return this.#earlierSteps + (this.#search?.steps ?? 0);
  }

  get memoryBytes(): number {
    return (this.#search?.memoryBytes ?? 0) + 48 * this.partition.rows.length;
  }

  /** The search, where the shortcuts did not decide. */
  get search(): Search | undefined {
    return this.#search;
  }

  /** Goes on for about `steps` steps of search. */
  *run(steps: number): Turns<SearchVerdict> {
    if (this.#quick !== undefined) return this.#quick;
    if (this.#search === undefined) {
      this.#search = yield* this.#searching(this.#seed);
      yield;
    }
    let verdict = this.#search.run(Math.min(steps, sliceSteps));
    for (let left = steps - sliceSteps; verdict === 'paused' && left > 0; left -= sliceSteps) {
      yield;
      verdict = this.#search.run(Math.min(left, sliceSteps));
    }
    if (verdict === 'paused') return 'paused';
    if (verdict === 'ok' || this.#confirming) {
      this.#quick = verdict;
      return verdict;
    }
    this.#confirming = true;
    this.#earlierSteps += this.#search.steps;
    this.#search = yield* this.#searching(this.#seed ^ secondSeed);
    return yield* this.run(steps);
  }

  *#searching(seed: number): Turns<Search> {
    const { partition, machine } = this;
    this.#spans ??= this.#switches.narrowing
      ? yield* narrowed(partition, machine)
      : { partition, machine };
    return yield* Search.over(this.#spans.partition, this.#spans.machine, this.#switches, seed);
  }

  *#shortcuts(): Turns<SearchVerdict | undefined> {
    const { uniqueValues, staleReads } = this.#switches;
    const clash = uniqueValues ? yield* zoneClash(this.partition, this.machine) : undefined;
    if (clash === null) return 'ok';
    this.clash = clash;
    if (staleReads) this.stale = yield* staleRead(this.partition, this.machine);
    return clash === undefined && this.stale === undefined ? undefined : 'violation';
  }
}
