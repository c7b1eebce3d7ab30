/** The paths that one share of a replay runs: each belongs to one share, and together they are all. */
import { coverTours } from '../behaviour/coverTours.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import { inWhole, withoutLabels } from '../behaviour/subgraph.ts';
import type { Path } from '../behaviour/tour.ts';
import type { Shard, ShareSettings } from './share.ts';

/** Tours of what is not ignored, in numbers of the whole graph. */
export function* toursOf(
  graph: StateGraph,
  ignored: readonly string[] | undefined,
  { coverage, seed, inRow }: Pick<ShareSettings, 'coverage' | 'seed' | 'inRow'>,
): Generator<Path, void, void> {
  const isLeft = Uint8Array.from(graph.labels, ({ action }) =>
    Number(ignored?.includes(action) === true),
  );
  const part = withoutLabels(graph, isLeft);
  if (part.graph.edgeCount === 0) return;
  for (const tour of coverTours(part.graph, { coverage, seed, inRow })) yield inWhole(part, tour);
}

/** Every `count`th of them. */
export function* shardOf<T>(all: Iterable<T>, { index, count }: Shard): Generator<T, void, void> {
  let number = 0;
  for (const one of all) {
    if (number % count === index) yield one;
    number += 1;
  }
}
