/**
 * What one thread is asked to replay and what it answers: plain data, both cross from one thread to
 * another. The shares of a run together are the whole of it.
 */
import type { TourCoverage } from '../behaviour/coverTours.ts';
import type { Failure } from '../replay/failure.ts';
import type { KnownBadCase } from '../verify/task.ts';
import type { ModelFacts } from './modelGraph.ts';
import type { PackedLabel, PackedTraces } from './packedTraces.ts';

export type ReplayMode = 'edges' | 'tours' | 'simulation' | 'walk' | 'trace';

export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

export interface ShareSettings {
  readonly mode: ReplayMode;
  readonly coverage: TourCoverage;
  /** How many edges in a row tours of paths cover. */
  readonly inRow: number;
  readonly seed: number;
  /** Steps of all walks together; the longest walk. */
  readonly steps: number;
  readonly depth: number;
  /** Also ask subjects that run for what the model does not allow. */
  readonly offers: boolean;
  readonly maxFailures: number;
}

/** What a kept trace of a forbidden step asks for at its end. */
export interface PackedProbe {
  readonly label: PackedLabel;
  /** States as TLA+ text by variable. */
  readonly allowed: readonly Readonly<Record<string, string>>[];
}

export interface ShareJob {
  readonly path: string;
  readonly transpiled: string;
  readonly settings: ShareSettings;
  readonly shard: Shard;
  readonly facts: ModelFacts;
  /** As `encodeGraph` writes it; absent for traces. */
  readonly graph?: Uint8Array;
  readonly traces?: PackedTraces;
  /** By trace: what is asked for at its end. */
  readonly probes?: readonly (PackedProbe | undefined)[];
}

export interface SharedFailure {
  readonly failure: Failure;
  /** A trace that fails alone, shrunk, as ITF text; absent where no path of its own fails. */
  readonly trace?: string;
  /** Steps of that trace, and of what failed first. */
  readonly steps?: number;
  readonly foundSteps?: number;
}

export interface ShareAnswer {
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly reason?: string;
  /** By edge: 1 where the code took it. */
  readonly taken?: Uint8Array;
  /** Tours, walks, or traces; for edges, nodes. */
  readonly paths: number;
  readonly steps: number;
  readonly diverged: number;
  readonly failures: readonly SharedFailure[];
  readonly failureCount: number;
  readonly knownBad: readonly KnownBadCase[];
  readonly seconds: number;
}
