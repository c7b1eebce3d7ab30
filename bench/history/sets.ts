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

/** A part of the grid that ends in a few minutes. */
export function* someSets(seed: number): Iterable<GeneratedSet[]> {
  for (const batch of gridSets(seed)) {
    const few = batch.filter(({ clients, operations, info }) => {
      return operations < 100_000 && clients === 10 && info < 5;
    });
    if (few.length > 0) yield few;
  }
}

/** For each idea of the engine, something that it is there for. */
export function ablationSets(seed: number): GeneratedSet[] {
  const base = { keys: 1, info: 0, bug: 'none', seed } as const;
  return [
    { ...base, kind: 'unique', clients: 10, operations: 10_000 },
    { ...base, kind: 'unique', clients: 20, operations: 10_000, keys: 100, bug: 'stale' },
    { ...base, kind: 'cas', clients: 10, operations: 10_000 },
    { ...base, kind: 'cas', clients: 10, operations: 10_000, info: 1 },
    { ...base, kind: 'mixed', clients: 20, operations: 1000 },
    { ...base, kind: 'mixed', clients: 20, operations: 1000, info: 5 },
  ];
}

function faults(set: Omit<GeneratedSet, 'info' | 'bug'>): GeneratedSet[] {
  return ([0, 1, 5] as const).flatMap((info) =>
    (['none', 'stale', 'lost'] as const).map((bug) => ({ ...set, info, bug })),
  );
}
