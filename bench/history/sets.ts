/** The generated sets of the bench, in batches that one process checks. */
import type { GeneratedSet } from './generate.ts';

/** Those with a figure to reach. */
export function* bigSets(seed: number): Iterable<GeneratedSet[]> {
  const base = { keys: 1, info: 0, bug: 'none', seed } as const;
  const unique = { ...base, kind: 'unique', clients: 50 } as const;
  yield [{ ...unique, operations: 100_000 }];
  yield [{ ...unique, operations: 1_000_000 }];
  yield [{ ...base, kind: 'cas', clients: 10, operations: 100_000 }];
}

/** Clients, operations, keys and kinds; in each batch all unknown outcomes and bugs. */
export function* gridSets(seed: number): Iterable<GeneratedSet[]> {
  for (const operations of [1000, 10_000, 100_000])
    for (const kind of ['unique', 'cas', 'mixed'] as const)
      for (const keys of [1, 100])
        for (const clients of [5, 10, 20, 50])
          yield faults({ kind, clients, operations, keys, seed });
}

function faults(set: Omit<GeneratedSet, 'info' | 'bug'>): GeneratedSet[] {
  return ([0, 1, 5] as const).flatMap((info) =>
    (['none', 'stale', 'lost'] as const).map((bug) => ({ ...set, info, bug })),
  );
}
