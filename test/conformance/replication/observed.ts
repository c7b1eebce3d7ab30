/** A world as the observer of src/protocol/replication/invariants.ts sees it. */
import { invariants } from '../../../src/protocol/replication/invariants.ts';
import type { Observed } from '../../../src/protocol/replication/invariants.ts';
import type { World } from './world.ts';
import { callOf, none, nowOf, replicaOf } from './world.ts';

function nameOf(value: string): string | null {
  return value === none ? null : value;
}

export function observed(world: World): Observed {
  const { model } = world;
  return {
    members: model.replicas.map((r) => ({
      state: replicaOf(world, r),
      alive: world.alive[r] === true,
      nowMs: nowOf(world, r),
    })),
    lin: world.lin,
    calls: model.calls.map((c) => {
      const op = model.ops[c];
      const { status, value } = callOf(world, c);
      return {
        call: c,
        kind: op?.kind ?? 'put',
        key: op?.key ?? '',
        expected: nameOf(op?.expected ?? none),
        status,
        value: nameOf(value),
      };
    }),
  };
}

/** The names of the invariants that a world breaks. */
export function broken(world: World): readonly string[] {
  const group = observed(world);
  return Object.keys(invariants).filter((name) => invariants[name]?.(group) === false);
}
