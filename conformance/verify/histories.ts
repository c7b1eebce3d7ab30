/**
 * Behaviours run through the code, and what their clients saw checked for linearizability:
 * tours that take every edge of a graph, or TLC's random walks through larger models. What
 * must hold: no behaviour, or none with an operation, is a failure, and `unknown` is no pass.
 */
import type { Path } from '../behaviour/tour.ts';
import { edgeTours } from '../behaviour/tour.ts';
import { kv } from '../history/kv.ts';
import { checkLinearizable } from '../history/linearizability.ts';
import type { HistoryEvent, Operation } from '../history/operation.ts';
import { historyOf } from '../history/operation.ts';
import { runBehaviour } from '../replay/behaviours.ts';
import type { Setting } from './replaying.ts';
import { replayOptions } from './replaying.ts';
import type { KnownBadCase, TaskTools } from './task.ts';

export interface Histories {
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly behaviours: number;
  /** Behaviours in which a client called. */
  readonly histories: number;
  readonly operations: number;
  readonly seconds: number;
  readonly problems: readonly string[];
  readonly knownBad: readonly KnownBadCase[];
}
