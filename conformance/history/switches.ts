/**
 * Every idea of the engine can be turned off. Verdicts must not change (the fuzzer compares all
 * combinations with brute force); only the cost does (the ablation table of the bench).
 */
export interface Switches {
  /** partition.ts: keys are checked apart. */
  readonly splitByKey: boolean;
  /** visited.ts: 64-bit hashes in a flat table, instead of exact texts in a Set. */
  readonly hashedMemory: boolean;
  /** legalReads.ts: what changes nothing and is legal is no branch point. */
  readonly readsAtOnce: boolean;
  /** symmetry.ts: of operations with one effect, one is tried. */
  readonly sameEffectOnce: boolean;
  /** infoGroups.ts: unknown outcomes are tried only where something observes them. */
  readonly infoOnDemand: boolean;
  /** dominance.ts: what used more unknown outcomes for the same is given up. */
  readonly infoDominance: boolean;
  /** zones.ts: unique written values need no search. */
  readonly uniqueValues: boolean;
  /** narrow.ts: what must come before an operation bounds its span of time. */
  readonly narrowing: boolean;
  /** lastMaker.ts: a state still needed is not left when nothing can bring it back in time. */
  readonly lastMaker: boolean;
  /** staleReads.ts: one sweep finds reads that no order can explain. */
  readonly staleReads: boolean;
  /** rounds.ts: a hard key does not hide a violation in an easy one. */
  readonly rounds: boolean;
}

export const allOn: Switches = {
  splitByKey: true,
  hashedMemory: true,
  readsAtOnce: true,
  sameEffectOnce: true,
  infoOnDemand: true,
  infoDominance: true,
  uniqueValues: true,
  narrowing: true,
  lastMaker: true,
  staleReads: true,
  rounds: true,
};
